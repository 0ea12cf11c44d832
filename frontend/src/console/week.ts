/** A counsellor's week of shifts as spans of minutes: reading what is typed, joining, moving, and where nobody is on duty. */
import type { ShiftSpan } from "./team_protocol";

export const DAY = 1440;
export const STEP = 30;
export const WEEKDAYS = ["周一", "周二", "周三", "周四", "周五", "周六", "周日"] as const;

const WEEK = 7 * DAY;

/** `weekday` 1 is Monday; minutes of that day, `end` above `start`, 1440 at most. */
export interface Span {
  weekday: number;
  start: number;
  end: number;
}

/** Minutes of the day in what a person types: 9, 930, 9:30, 09：30; null when it is no time. 24:00 is the end of the day. */
export function minutesOf(text: string): number | null {
  const found = /^(\d{1,2})(?:[:：.]?([0-5]\d))?$/.exec(text.trim());
  if (!found) return null;
  const minutes = Number(found[1]) * 60 + Number(found[2] ?? 0);
  return minutes <= DAY ? minutes : null;
}

export function clockText(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;
}

function inOrder(a: Span, b: Span): number {
  return a.weekday - b.weekday || a.start - b.start;
}

/** In order, spans that touch or overlap joined. */
export function joined(spans: readonly Span[]): Span[] {
  const kept: Span[] = [];
  for (const span of [...spans].sort(inOrder)) {
    const last = kept.at(-1);
    if (last && last.weekday === span.weekday && span.start <= last.end) last.end = Math.max(last.end, span.end);
    else kept.push({ ...span });
  }
  return kept;
}

/** With one more; an end at or before the start is the next morning, Sunday's night belongs to Monday. */
export function added(spans: readonly Span[], weekday: number, start: number, end: number): Span[] {
  if (start < end) return joined([...spans, { weekday, start, end }]);
  const night = [{ weekday, start, end: DAY }];
  if (end > 0) night.push({ weekday: (weekday % 7) + 1, start: 0, end });
  return joined([...spans, ...night.filter((span) => span.start < span.end)]);
}

export function removed(spans: readonly Span[], gone: Span): Span[] {
  return spans.filter((span) => span.weekday !== gone.weekday || span.start !== gone.start);
}

/** The span moved or its end shifted by whole steps, kept inside its day and off its neighbours; the same one when it cannot. */
export function nudged(spans: readonly Span[], span: Span, by: number, what: "move" | "end"): Span {
  const others = removed(spans, span).filter((each) => each.weekday === span.weekday);
  const moved = { ...span, start: what === "move" ? span.start + by : span.start, end: span.end + by };
  const fits = moved.start >= 0 && moved.end <= DAY && moved.end - moved.start >= STEP;
  return fits && others.every((each) => each.end <= moved.start || moved.end <= each.start) ? moved : span;
}

/** The first free stretch of this day for a new span, at the usual hours when they are free; null when the day is full. */
export function freeSpan(spans: readonly Span[], weekday: number): Span | null {
  const taken = spans.filter((span) => span.weekday === weekday);
  const isFree = (start: number, end: number): boolean => taken.every((span) => span.end < start || end < span.start);
  const usual = [[540, 720], [840, 1080]].find(([start = 0, end = 0]) => isFree(start, end));
  if (usual) return { weekday, start: usual[0] ?? 0, end: usual[1] ?? DAY };
  const starts = Array.from({ length: DAY / STEP - 1 }, (_, place) => place * STEP);
  const start = starts.find((each) => isFree(each, each + 2 * STEP));
  return start === undefined ? null : { weekday, start, end: start + 2 * STEP };
}

/** The hours of one day on all these days instead of theirs. */
export function copied(spans: readonly Span[], from: number, to: readonly number[]): Span[] {
  const model = spans.filter((span) => span.weekday === from);
  const kept = spans.filter((span) => span.weekday === from || !to.includes(span.weekday));
  const days = to.filter((day) => day !== from);
  return joined([...kept, ...days.flatMap((weekday) => model.map((span) => ({ ...span, weekday })))]);
}

export function hoursOf(spans: readonly Span[]): number {
  return spans.reduce((sum, span) => sum + span.end - span.start, 0) / 60;
}

export function readShifts(shifts: readonly ShiftSpan[]): Span[] {
  return joined(
    shifts.map((shift) => ({ weekday: shift.weekday, start: minutesOf(shift.start) ?? 0, end: minutesOf(shift.end) ?? DAY })),
  );
}

export function writeShifts(spans: readonly Span[]): ShiftSpan[] {
  return joined(spans).map((span) => ({ weekday: span.weekday, start: clockText(span.start), end: clockText(span.end) }));
}

/** Minutes that this zone is ahead of UTC at this moment. */
export function zoneMinutes(timezone: string, at: Date): number {
  const parts = new Intl.DateTimeFormat("en-US", {
    timeZone: timezone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric",
  }).formatToParts(at);
  const [year, month, day, hour, minute] = ["year", "month", "day", "hour", "minute"].map((type) =>
    Number(parts.find((part) => part.type === type)?.value),
  ) as [number, number, number, number, number];
  return Math.round((Date.UTC(year, month - 1, day, hour, minute) - at.getTime()) / 60_000);
}

/** The same spans on the clock of another zone, which is `by` minutes ahead; the week is a ring. */
export function shifted(spans: readonly Span[], by: number): Span[] {
  const parts = spans.flatMap((span) => {
    const start = (((span.weekday - 1) * DAY + span.start + by) % WEEK + WEEK) % WEEK;
    const end = start + span.end - span.start;
    const found: Span[] = [];
    for (let at = start; at < end; ) {
      const until = Math.min(end, (Math.floor(at / DAY) + 1) * DAY);
      const dayStart = Math.floor(at / DAY) * DAY;
      found.push({ weekday: (Math.floor(at / DAY) % 7) + 1, start: at - dayStart, end: until - dayStart });
      at = until;
    }
    return found;
  });
  return joined(parts);
}

/** How many of these weeks stand at each time, the whole week without a hole, neighbours of one count as one. */
export function covered(weeks: readonly (readonly Span[])[]): (Span & { count: number })[] {
  return WEEKDAYS.flatMap((_, index) => {
    const weekday = index + 1;
    const spans = weeks.flat().filter((span) => span.weekday === weekday);
    const edges = [...new Set([0, DAY, ...spans.flatMap((span) => [span.start, span.end])])].sort((a, b) => a - b);
    const parts: (Span & { count: number })[] = [];
    for (const [place, start] of edges.slice(0, -1).entries()) {
      const end = edges[place + 1] ?? DAY;
      const count = spans.filter((span) => span.start <= start && end <= span.end).length;
      const last = parts.at(-1);
      if (last?.count === count) last.end = end;
      else parts.push({ weekday, start, end, count });
    }
    return parts;
  });
}
