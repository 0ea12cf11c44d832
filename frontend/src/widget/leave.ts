/** The quick way out: nothing of the thread stays on the screen, and Back does not bring it up again. */
import type { Chat } from "./chat";
import type { HostPage } from "./host_page";

export const NEUTRAL_PAGE = "https://www.baidu.com/";
export const NEUTRAL_TITLE = "新标签页";

const PRESSES = 3;
const WITHIN_MS = 1_500;

export function leave(chat: Chat, host: HostPage | null): void {
  document.body.replaceChildren();
  document.title = NEUTRAL_TITLE;
  chat.stop();
  chat.thread.clear();
  if (host === null) location.replace(NEUTRAL_PAGE);
  else host.post({ xinyi: "leave" });
}

/** Calls `onLeave` when Esc is pressed three times in a row; Esc that closes a word list does not count. */
export function onThreeEscapes(target: Window, onLeave: () => void): void {
  let presses: number[] = [];
  target.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || event.isComposing || event.repeat) return;
      presses = [...presses.filter((at) => event.timeStamp - at < WITHIN_MS), event.timeStamp];
      if (presses.length >= PRESSES) onLeave();
    },
    true,
  );
}
