/** Results in words: a value never without its range, a difference without a judgement. */
import type { DrawnScale } from "./protocol";
import type { FinishedRun, ResultScale } from "./screenings";

const DAY_MS = 86_400_000;

/** 13, or 85.7 for a mean. */
export function valueLabel(value: number): string {
  return String(Math.round(value * 10) / 10);
}

export function rangeLabel(scale: DrawnScale): string {
  return `${scale.lowest} 到 ${scale.highest} 分`;
}

/** 13 分（0 到 27 分），估算; null without a score. */
export function scoreWords(scale: DrawnScale): string | null {
  if (scale.value === null) return null;
  const score = `${scale.is_minimum ? "至少 " : ""}${valueLabel(scale.value)} 分（${rangeLabel(scale)}）`;
  return scale.is_prorated ? `${score}，估算` : score;
}

/** The whole of a picture in one sentence, for those who do not see it. */
export function spokenScore(scale: DrawnScale): string {
  const score = scoreWords(scale);
  if (score === null) return `${scale.title}：空着的题多，这次没有分`;
  return `${scale.title}：${score}${scale.label === null ? "" : `，在“${scale.label}”这一段`}`;
}

export function directionWords(isHigherBetter: boolean): string {
  return isHigherBetter ? "分越高，状态越好" : "分越高，困扰越多";
}

/** 2026年11月3日, with the hour where another run stands on the same day. */
export function dayWords(finishedAt: string, others: string[] = []): string {
  const at = new Date(finishedAt);
  const day = `${at.getFullYear()}年${at.getMonth() + 1}月${at.getDate()}日`;
  const isAlone = others.filter((each) => dayWords(each) === day).length < 2;
  if (isAlone) return day;
  return `${day} ${String(at.getHours()).padStart(2, "0")}:${String(at.getMinutes()).padStart(2, "0")}`;
}

export function scaleOf(run: FinishedRun, scaleId: string): ResultScale | null {
  return run.scales.find((scale) => scale.id === scaleId) ?? null;
}

/** The runs that have a score on this scale. */
export function scoredRuns(runs: FinishedRun[], scaleId: string): FinishedRun[] {
  return runs.filter((run) => (scaleOf(run, scaleId)?.value ?? null) !== null);
}

/** The scales with a score in any run, in the order of the newest definition. */
export function scalesShown(runs: FinishedRun[]): ResultScale[] {
  const newest = new Map<string, ResultScale>();
  for (const run of runs) for (const scale of run.scales) newest.set(scale.id, scale);
  return [...newest.values()].filter((scale) => scoredRuns(runs, scale.id).length > 0);
}

/** How a later run differs from an earlier one, a sentence an entry; why the scores can't be compared where they can't. */
export function comparison(earlier: FinishedRun, later: FinishedRun, scaleId: string, days: number | null): string[] {
  const [before, after] = [scaleOf(earlier, scaleId), scaleOf(later, scaleId)];
  if (before === null || after === null || before.value === null || after.value === null) return ["有一次没有分，没法比。"];
  const apart = Math.abs(Date.parse(later.finished_at) - Date.parse(earlier.finished_at));
  if (days !== null && apart < days * DAY_MS) return ["时间窗重叠：这两次问的有一段是同样的日子，分数不直接比。"];
  if (before.is_minimum || after.is_minimum) return ["有一次空了题，只知道至少多少分，不直接比。"];
  if (before.lowest !== after.lowest || before.highest !== after.highest) return ["两次的分数范围不一样，不直接比。"];
  const words = [differenceWords(after.value - before.value)];
  if (before.is_prorated || after.is_prorated) words.push("里面有估算的分。");
  if (before.label === null || after.label === null) return words;
  if (before.label === after.label) return [...words, `两次都在“${after.label}”这一段。`];
  return [...words, `那次在“${before.label}”这一段，这次在“${after.label}”这一段。`];
}

function differenceWords(difference: number): string {
  if (Math.abs(difference) < 0.05) return "和那次一样。";
  return `比那次${difference > 0 ? "高" : "低"}了 ${valueLabel(Math.abs(difference))} 分。`;
}
