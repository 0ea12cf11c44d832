/** Entry of both pages, `/` on its own and `/embed` in a host page's frame: the chat, its surroundings, the ways out. */
import { type Component, createApp, h, shallowRef } from "vue";
import { isAbroad, readerTimezone } from "../shared/hotlines";
import type { Place } from "../shared/session";
import App from "./App.vue";
import { createChat } from "./chat";
import { hostPage } from "./host_page";
import { leave, onThreeEscapes } from "./leave";
import "./style/tokens.css";
import "./style/base.css";
import "./style/layout.css";
import "./style/thread.css";
import "./style/dialogs.css";

/** iOS lays the keyboard over the page: the visible height has to be told. */
function followKeyboard(): void {
  const view = window.visualViewport;
  view?.addEventListener("resize", () => {
    if (Math.abs(view.scale - 1) > 0.01) return; // Zoomed with two fingers: not the keyboard.
    document.documentElement.style.setProperty("--view", `${Math.round(view.height)}px`);
    window.scrollTo(0, 0);
  });
}

const place: Place = document.documentElement.dataset["place"] === "frame" ? "frame" : "page";
const chat = createChat(place);
const side = shallowRef<Component | null>(null);
const wide = matchMedia("(min-width: 1000px)");
let isShown = true;

function look(): void {
  chat.state.isInFront = !document.hidden && isShown;
}

const host =
  place === "page"
    ? null
    : hostPage((next) => {
        isShown = next;
        look();
      });
isShown = host === null;

function quit(): void {
  leave(chat, host);
}

/** Only our own page, on a wide screen, has room for the side panel. */
async function fitSide(): Promise<void> {
  side.value = wide.matches ? (await import("./parts/SidePanel.vue")).default : null;
}

look();
document.addEventListener("visibilitychange", () => {
  look();
  if (!document.hidden) chat.wake();
});
window.addEventListener("online", () => {
  chat.wake();
});
onThreeEscapes(window, quit);
followKeyboard();
createApp({ setup: () => () => h(App, { chat, host, side: side.value, onLeave: quit }) }).mount("#app");
chat.start();
host?.post({ xinyi: "ready" });
if (place === "page") {
  wide.addEventListener("change", fitSide);
  void fitSide();
}
if (isAbroad(readerTimezone())) import("../shared/countries").catch(() => null); // Kept for when the server is away.
