/** A file's chunks as the gateway compares them: lines side by side for reading, and the merged text for what both sides changed. */
import type { Chunk } from "../protocol";

export interface Line {
  kind: "same" | "removed" | "added" | "changed";
  /** Null where the side has no such line. */
  left: { number: number; text: string } | null;
  right: { number: number; text: string } | null;
}

/** Lines in sight, or how many are folded away. */
export type Stretch = { lines: Line[]; folded: null } | { lines: Line[]; folded: number };

const CONTEXT = 3;

const isOurs = (chunk: Chunk): boolean => chunk.kind !== "same" && chunk.kind !== "theirs";

/** What the draft changes: the base at the left, the draft at the right. */
export function linesOf(chunks: readonly Chunk[]): Line[] {
  const found: Line[] = [];
  let left = 0;
  let right = 0;
  for (const chunk of chunks) {
    const before = chunk.base;
    const after = isOurs(chunk) ? chunk.ours : chunk.base;
    for (let at = 0; at < Math.max(before.length, after.length); at += 1) {
      const old = before[at];
      const fresh = after[at];
      const kind = old === fresh ? "same" : old === undefined ? "added" : fresh === undefined ? "removed" : "changed";
      found.push({
        kind,
        left: old === undefined ? null : { number: (left += 1), text: old },
        right: fresh === undefined ? null : { number: (right += 1), text: fresh },
      });
    }
  }
  return found;
}

/** The lines with long stretches that did not change folded to their edges. */
export function folded(lines: readonly Line[]): Stretch[] {
  const near = new Set<number>();
  lines.forEach((line, at) => {
    if (line.kind === "same") return;
    for (let place = at - CONTEXT; place <= at + CONTEXT; place += 1) near.add(place);
  });
  const found: Stretch[] = [];
  lines.forEach((line, at) => {
    const isFolded = !near.has(at);
    const last = found.at(-1);
    if (last !== undefined && (last.folded !== null) === isFolded) {
      last.lines.push(line);
      if (last.folded !== null) last.folded += 1;
    } else found.push({ lines: [line], folded: isFolded ? 1 : null });
  });
  // A stretch of one or two lines is sooner read than unfolded.
  return found.map((stretch) => (stretch.folded !== null && stretch.folded < 3 ? { lines: stretch.lines, folded: null } : stretch));
}

/** The part of two lines that differs: what stands before and behind it is the same. */
export function differing(old: string, fresh: string): { start: number; oldEnd: number; freshEnd: number } {
  const most = Math.min(old.length, fresh.length);
  let start = 0;
  while (start < most && old[start] === fresh[start]) start += 1;
  let tail = 0;
  while (tail < most - start && old[old.length - 1 - tail] === fresh[fresh.length - 1 - tail]) tail += 1;
  return { start, oldEnd: old.length - tail, freshEnd: fresh.length - tail };
}

export type Side = "ours" | "theirs" | "both" | "own";

/** What was decided about one conflict; `own` is what the trainer wrote in its place. */
export interface Choice {
  side: Side;
  own: string;
}

/** The lines that a chunk becomes, or null while its conflict is undecided. */
export function decided(chunk: Chunk, choice: Choice | undefined): string[] | null {
  if (chunk.kind === "same") return chunk.base;
  if (chunk.kind === "theirs") return chunk.theirs;
  if (chunk.kind !== "conflict") return chunk.ours;
  if (choice === undefined) return null;
  if (choice.side === "ours") return chunk.ours;
  if (choice.side === "theirs") return chunk.theirs;
  if (choice.side === "both") return [...chunk.ours, ...chunk.theirs];
  return choice.own === "" ? [] : choice.own.replace(/\r?\n$/, "").split(/\r?\n/);
}

/** The merged file, or null while a conflict is undecided; `choices` by the chunk's place. It ends with a line's end, as files do. */
export function merged(chunks: readonly Chunk[], choices: ReadonlyMap<number, Choice>): string | null {
  const found: string[] = [];
  for (const [at, chunk] of chunks.entries()) {
    const lines = decided(chunk, choices.get(at));
    if (lines === null) return null;
    found.push(...lines);
  }
  const text = found.join("\n");
  return text === "" || text.endsWith("\n") ? text : `${text}\n`;
}

/** Places of the chunks that both sides changed in different ways. */
export function conflictsOf(chunks: readonly Chunk[]): number[] {
  return chunks.flatMap((chunk, at) => (chunk.kind === "conflict" ? [at] : []));
}
