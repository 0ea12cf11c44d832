/** Days and times as the reader's own clock has them. */

function localDay(at: Date): string {
  return `${at.getFullYear()}-${at.getMonth() + 1}-${at.getDate()}`;
}

export function isSameDay(a: Date, b: Date): boolean {
  return localDay(a) === localDay(b);
}

/** 今天, 昨天, 11月3日 星期二, or with the year when it is another one. */
export function dayLabel(day: Date, now: Date): string {
  if (isSameDay(day, now)) return "今天";
  const yesterday = new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1);
  if (isSameDay(day, yesterday)) return "昨天";
  const weekday = "日一二三四五六"[day.getDay()] ?? "";
  const date = `${day.getMonth() + 1}月${day.getDate()}日`;
  return day.getFullYear() === now.getFullYear() ? `${date} 星期${weekday}` : `${day.getFullYear()}年${date}`;
}

export function timeLabel(at: Date): string {
  return `${String(at.getHours()).padStart(2, "0")}:${String(at.getMinutes()).padStart(2, "0")}`;
}

/** Five minutes apart, or on another day, is another moment: it gets its own time. */
export function isApart(a: Date, b: Date): boolean {
  return !isSameDay(a, b) || Math.abs(b.getTime() - a.getTime()) > 5 * 60_000;
}
