/** Who is on the other side, as the thread's own lines tell it. */
import type { MessageFrame } from "./protocol";

/** How the gateway's lines of coming and going begin (docs/protocol.md). */
export const HUMAN_HERE = "现在是真人";
export const PROGRAM_HERE = "现在换回小程序助手";

const TURNS = new Set(["waiting", "waiting_over", "counsellor", "rating"]);

/** A line by which a human is waited for, comes or goes. */
export function isTurn({ author, custom, text }: MessageFrame): boolean {
  return TURNS.has(custom?.kind ?? "") || (author === "system" && text.startsWith(PROGRAM_HERE));
}

/** The newest such line: how things stand. */
export function lastTurn(lines: MessageFrame[]): MessageFrame | undefined {
  return lines.filter(isTurn).pop();
}

/** The name of the counsellor who leads now; null while it is the program. */
export function humanOf(lines: MessageFrame[]): string | null {
  const card = lastTurn(lines)?.custom;
  return card?.kind === "counsellor" ? card.name : null;
}
