/** Which bubble the worker may call beside the point: the newest one, when it is the program's answer and no danger is spoken of. */
import type { MessageFrame } from "../../shared/protocol";

export function flaggable(lines: readonly MessageFrame[]): number | null {
  const newest = lines.at(-1);
  if (newest?.author !== "bot") return null;
  for (let place = lines.length - 2; place >= 0; place -= 1) {
    const author = lines[place]?.author;
    if (author === "worker") return newest.id;
    if (author !== "bot") return null;
  }
  return null;
}
