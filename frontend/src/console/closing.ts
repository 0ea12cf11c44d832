/** What the form of a close says about each field, and the times that a follow-up is usually planned for; pure. */

const LACKING: Record<string, string> = {
  outcome: "选一个结果。",
  level_after: "等级高过，要由人重新评一次。",
  follow_up: "等级高过，至少要有一件有人负责、有时间的随访。",
  follow_ups: "随访要有人负责，时间要在以后。",
  summary: "等级高过，要写几句小结，下一位同事先看这里。",
};

/** A sentence for each field that the gateway names; a field this page does not know keeps the gateway's own sentence. */
export function lackingWords(fields: readonly string[], sentence: string): Record<string, string> {
  return Object.fromEntries(fields.map((field) => [field === "follow_ups" ? "follow_up" : field, LACKING[field] ?? sentence]));
}

export interface UsualTime {
  word: string;
  at: Date;
}

/** Three times from `now` on, in the zone of this computer: in four hours, tomorrow at nine, in three days at nine. */
export function usualTimes(now: Date): UsualTime[] {
  const atNine = (days: number): Date => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, 9);
  return [
    { word: "4 小时后", at: new Date(now.getTime() + 4 * 3_600_000) },
    { word: "明早 9 点", at: atNine(1) },
    { word: "3 天后 9 点", at: atNine(3) },
  ];
}

/** `2026-11-22T09:05`, as a field of date and time wants it, in the zone of this computer. */
export function fieldTime(date: Date): string {
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}T${two(date.getHours())}:${two(date.getMinutes())}`;
}
