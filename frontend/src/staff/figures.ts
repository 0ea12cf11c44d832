/** Durations, shares and moments as people read them. */
import { dayAndTime } from "./times";

const NOTHING = "—";

/** 45 秒, 1 分 20 秒, 2 小时 5 分, 3 天 4 小时: the two largest parts. */
export function duration(seconds: number | null): string {
  if (seconds === null) return NOTHING;
  const whole = Math.max(0, Math.round(seconds));
  const parts: [number, string][] = [
    [Math.floor(whole / 86_400), "天"],
    [Math.floor(whole / 3600) % 24, "小时"],
    [Math.floor(whole / 60) % 60, "分"],
    [whole % 60, "秒"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return "0 秒";
  return parts.slice(first, first + 2).filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`).join(" ");
}

/** A share of 0 to 1 in whole per cent; 100% only when it is all of it. */
export function percent(share: number | null): string {
  if (share === null) return NOTHING;
  return `${share < 1 ? Math.min(99, Math.round(share * 100)) : 100}%`;
}

/** 今天 09:05, 11月3日 周二 09:05; a dash for no moment. */
export function moment(iso: string | null, now: Date = new Date()): string {
  return iso === null ? NOTHING : dayAndTime(iso, now.getTime());
}

/** 2 小时 5 分后, or 已过 2 小时 5 分. */
export function untilWords(iso: string, now: Date): string {
  const seconds = (new Date(iso).getTime() - now.getTime()) / 1000;
  return seconds >= 0 ? `${duration(seconds)}后` : `已过 ${duration(-seconds)}`;
}
