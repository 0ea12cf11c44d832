/** Marked words of a text. Places count Unicode points, as the gateway does; a browser's selection counts UTF-16 units. */
import type { EntitySpan } from "../protocol";

export interface Piece {
  text: string;
  /** Null where nothing is marked. */
  entity: string | null;
}

const points = (text: string): string[] => [...text];

/** Where a UTF-16 offset stands in points; one inside a pair counts as before it. */
export const toPoint = (text: string, unit: number): number => points(text.slice(0, unit)).length - (/[\uD800-\uDBFF]$/.test(text.slice(0, unit)) ? 1 : 0);

/** Every character of the text once, in order, cut at its marks. */
export function piecesOf(text: string, spans: readonly EntitySpan[]): Piece[] {
  const chars = points(text);
  const found: Piece[] = [];
  let at = 0;
  const take = (end: number, entity: string | null): void => {
    if (end > at) found.push({ text: chars.slice(at, end).join(""), entity });
    at = Math.max(at, end);
  };
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    if (span.start < at || span.end > chars.length) continue;
    take(span.start, null);
    take(span.end, span.entity);
  }
  take(chars.length, null);
  return found;
}

/** Marks what is selected (UTF-16 offsets), without the blanks at its ends; a mark that it touches gives way. Unchanged when nothing is left. */
export function marked(text: string, spans: readonly EntitySpan[], from: number, to: number, entity: string): EntitySpan[] {
  const chars = points(text);
  let start = toPoint(text, Math.min(from, to));
  let end = toPoint(text, Math.max(from, to));
  while (start < end && (chars[start] ?? "").trim() === "") start += 1;
  while (end > start && (chars[end - 1] ?? "").trim() === "") end -= 1;
  if (start === end) return [...spans];
  const others = spans.filter((span) => span.end <= start || span.start >= end);
  return [...others, { entity, start, end, value: chars.slice(start, end).join("") }].sort((a, b) => a.start - b.start);
}

/** The marks after the text was rewritten: those before the change stay, those behind it move with their words, those in it go. */
export function carried(before: string, after: string, spans: readonly EntitySpan[]): EntitySpan[] {
  const [old, now] = [points(before), points(after)];
  const shorter = Math.min(old.length, now.length);
  let head = 0;
  while (head < shorter && old[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && old[old.length - 1 - tail] === now[now.length - 1 - tail]) tail += 1;
  const shift = now.length - old.length;
  return spans.flatMap((span) => {
    if (span.end <= head) return [span];
    if (span.start >= old.length - tail) return [{ ...span, start: span.start + shift, end: span.end + shift }];
    return [];
  });
}
