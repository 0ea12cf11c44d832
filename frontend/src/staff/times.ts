/** Times as staff read them, in the zone of this computer unless another is named. */

const two = (value: number): string => String(value).padStart(2, "0");
const WEEK = ["周日", "周一", "周二", "周三", "周四", "周五", "周六"];

/** `09:05` */
export function clockTime(at: string): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}`;
}

/** `今天`, `昨天` or `11月22日 周日` */
export function dayWord(at: string, nowMs: number): string {
  const date = new Date(at);
  const midnight = (each: Date): number => new Date(each.getFullYear(), each.getMonth(), each.getDate()).getTime();
  const days = Math.round((midnight(new Date(nowMs)) - midnight(date)) / 86_400_000);
  if (days === 0) return "今天";
  if (days === 1) return "昨天";
  const year = date.getFullYear() === new Date(nowMs).getFullYear() ? "" : `${date.getFullYear()}年`;
  return `${year}${date.getMonth() + 1}月${date.getDate()}日 ${WEEK[date.getDay()] ?? ""}`;
}

/** `今天 09:05` */
export function dayAndTime(at: string, nowMs: number): string {
  return `${dayWord(at, nowMs)} ${clockTime(at)}`;
}

/** `周日 17:26` of an ISO time as it is written, in the zone of its own offset and not of this computer. */
export function localTime(iso: string): string {
  const [, year, month, day, time] = /^(\d+)-(\d+)-(\d+)T(\d\d:\d\d)/.exec(iso) ?? [];
  if (time === undefined) return iso;
  return `${WEEK[new Date(Date.UTC(Number(year), Number(month) - 1, Number(day))).getUTCDay()] ?? ""} ${time}`;
}
