/** Prepared replies: found by a few characters, filled with who speaks to whom; pure. */
import type { Canned } from "./protocol";

/** What follows a `/` at the very beginning of the draft, or null when the draft is no search. */
export function searchIn(draft: string): string | null {
  return /^[/／][^\n]*$/.test(draft) ? draft.slice(1).trim() : null;
}

/** Replies in which every wanted piece occurs, those with it in their title first. */
export function findCanned(replies: Canned[], wanted: string): Canned[] {
  const pieces = wanted.toLowerCase().split(/\s+/).filter(Boolean);
  const has = (text: string): boolean => pieces.every((piece) => text.toLowerCase().includes(piece));
  const inTitle = replies.filter((reply) => has(`${reply.title} ${reply.group}`));
  const inText = replies.filter((reply) => !inTitle.includes(reply) && has(`${reply.title} ${reply.group} ${reply.text}`));
  return [...inTitle, ...inText];
}

/**
 * `{称呼}` becomes the nickname and `{我}` the counsellor's shown name. Whoever left no nickname is not addressed by one: the
 * placeholder goes with the comma that follows it.
 */
export function fill(text: string, nickname: string | null, shownName: string): string {
  const name = nickname?.trim() ?? "";
  // In one pass, so that a nickname that looks like a placeholder stays as it is.
  return text.replace(/\{称呼\}([，,、：:]?\s*)|\{我\}/g, (placeholder, after: string | undefined) => {
    if (placeholder === "{我}") return shownName;
    return name === "" ? "" : `${name}${after ?? ""}`;
  });
}
