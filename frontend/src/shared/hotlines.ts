/** The numbers built into the page, and whether a line answers now. */

export interface WeeklySpan {
  days: number[];
  from: string;
  to: string;
}

export interface OpeningHours {
  timezone: string;
  weekly: WeeklySpan[];
}

export interface BundledHotline {
  number: string;
  abroad: string[];
  name: string;
  kind: "emergency" | "crisis" | "psychological" | "rights";
  what: string;
  hoursText: string;
  hours: OpeningHours | null;
}

const WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
const MAINLAND_ZONES = new Set([
  "Asia/Shanghai",
  "Asia/Urumqi",
  "Asia/Chongqing",
  "Asia/Chungking",
  "Asia/Harbin",
  "Asia/Kashgar",
  "PRC",
]);

/** True or false by the line's own clock, null when its hours are not known. */
export function isOpenAt(hours: OpeningHours | null, at: Date): boolean | null {
  if (hours === null) return null;
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: hours.timezone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(at);
  const part = (type: string): string => parts.find((p) => p.type === type)?.value ?? "";
  const day = WEEKDAYS.indexOf(part("weekday")) + 1;
  const time = `${part("hour")}:${part("minute")}`;
  return hours.weekly.some((span) => span.days.includes(day) && span.from <= time && time < span.to);
}

export function isAlwaysOpen(hours: OpeningHours | null): boolean {
  return hours?.weekly.some((span) => span.days.length === 7 && span.from === "00:00" && span.to === "24:00") ?? false;
}

/** What to print about a line's hours; unknown is said, never guessed. */
export function hoursLine(line: BundledHotline, at: Date): string {
  if (isAlwaysOpen(line.hours)) return "24小时";
  const isOpen = isOpenAt(line.hours, at);
  if (isOpen === null) return `可能不在服务时间（${line.hoursText}）`;
  return isOpen ? `现在有人接（${line.hoursText}）` : `现在不在服务时间（${line.hoursText}）`;
}

/** Emergency numbers first, as written; then known to be open, unknown, and closed last. */
export function inCallingOrder(lines: BundledHotline[], at: Date): BundledHotline[] {
  const rank = (line: BundledHotline): number => {
    if (line.kind === "emergency") return 0;
    const care = line.kind === "rights" ? 10 : 1;
    const isOpen = isOpenAt(line.hours, at);
    return care + (isOpen === true ? 0 : isOpen === null ? 1 : 2);
  };
  return lines
    .map((line, at_) => ({ line, at_ }))
    .sort((a, b) => rank(a.line) - rank(b.line) || a.at_ - b.at_)
    .map(({ line }) => line);
}

export function readerTimezone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone || "Asia/Shanghai";
}

/** A guess the reader can change. A zone that names no place (UTC, Etc/GMT-8) counts as the mainland. */
export function isAbroad(timezone: string): boolean {
  return !MAINLAND_ZONES.has(timezone) && /^(Africa|America|Asia|Atlantic|Australia|Europe|Indian|Pacific)\//.test(timezone);
}

/** A tel: address; spaces and hyphens mean nothing to a telephone. */
export function telHref(number: string): string {
  return `tel:${number.replace(/[^\d+]/g, "")}`;
}

export interface TextPiece {
  text: string;
  number: string | null;
}

const EMERGENCY = /^(110|119|120)$/;

/**
 * Cuts a bubble's text so that the numbers in it can be tapped. Three digits alone may be a price or a
 * pulse, so 110, 119 and 120 count only where the caller says so (safety bubbles).
 */
export function withCallableNumbers(text: string, known: string[], hasEmergency: boolean): TextPiece[] {
  const callable = known.filter((number) => hasEmergency || !EMERGENCY.test(number));
  if (callable.length === 0) return [{ text, number: null }];
  const byLength = [...callable].sort((a, b) => b.length - a.length);
  const pattern = new RegExp(byLength.map((n) => n.replace(/[+]/g, "\\+")).join("|"), "g");
  const pieces: TextPiece[] = [];
  let from = 0;
  for (const match of text.matchAll(pattern)) {
    const at = match.index;
    const end = at + match[0].length;
    const touches = /[\d+.:-]/;
    if (touches.test(text[at - 1] ?? "") || /\d/.test(text[end] ?? "")) continue;
    if (at > from) pieces.push({ text: text.slice(from, at), number: null });
    pieces.push({ text: match[0], number: match[0] });
    from = end;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), number: null });
  return pieces;
}
