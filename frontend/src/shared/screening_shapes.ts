/** The measures of what is drawn of a result: where bands lie, how deep their colour is, which runs a line joins. */
import type { DrawnScale } from "./protocol";
import type { FinishedRun } from "./screenings";
import { dayWords, scaleOf, scoredRuns, scoreWords } from "./screening_words";

export const SHADES = 5;

export interface Stripe {
  label: string;
  /** Where it is drawn: from half a point below its first value to half a point above its last. */
  low: number;
  high: number;
  /** 0 is light, SHADES - 1 is deep: more symptoms, or less well-being, is deeper. */
  shade: number;
}

export function stripesOf(scale: Pick<DrawnScale, "lowest" | "highest" | "bands">, isHigherBetter: boolean): Stripe[] {
  const last = scale.bands.length - 1;
  return scale.bands.map((band, i) => ({
    label: band.label,
    low: i === 0 ? scale.lowest : band.from - 0.5,
    high: i === last ? scale.highest : (scale.bands[i + 1]?.from ?? scale.highest) - 0.5,
    shade: Math.round(((isHigherBetter ? last - i : i) * (SHADES - 1)) / Math.max(1, last)),
  }));
}

/** Where a value lies between the ends of its scale, 0 to 1. */
export function shareOf(scale: DrawnScale, value: number): number {
  return Math.min(1, Math.max(0, (value - scale.lowest) / (scale.highest - scale.lowest)));
}

const ROUND = { x: 100, y: 100, r: 80 };

/** A point of the half circle from left (0) to right (1), in a box of 200 by 112. */
export function onArc(share: number, radius = ROUND.r): [number, number] {
  const angle = Math.PI * (1 - share);
  return [round(ROUND.x + radius * Math.cos(angle)), round(ROUND.y - radius * Math.sin(angle))];
}

/** The path of a piece of the half circle. */
export function arcPath(from: number, to: number): string {
  return `M${onArc(from).join(" ")}A${ROUND.r} ${ROUND.r} 0 0 1 ${onArc(to).join(" ")}`;
}

function round(length: number): number {
  return Math.round(length * 100) / 100;
}

export interface TrendPoint {
  at: number;
  value: number;
  words: string;
}

export interface TrendLine {
  joined: TrendPoint[];
  /** Drawn hollow and not joined: within the time window of an earlier run, or known only as a least score. */
  apart: TrendPoint[];
}

export function trendOf(runs: FinishedRun[], scaleId: string): TrendLine {
  const line: TrendLine = { joined: [], apart: [] };
  for (const run of scoredRuns(runs, scaleId)) {
    const scale = scaleOf(run, scaleId);
    if (scale === null || scale.value === null) continue;
    const words = [dayWords(run.finished_at), scoreWords(scale), scale.label, run.is_overlapping ? "时间窗重叠" : null];
    const point = { at: Date.parse(run.finished_at), value: scale.value, words: words.filter(Boolean).join("\n") };
    (run.is_overlapping || scale.is_minimum ? line.apart : line.joined).push(point);
  }
  return line;
}
