/** The picture of waiting, day by day: half and nearly all of the waits as bars, below them the share inside the clock. */
import { BarChart } from "echarts/charts";
import { GridComponent, LegendComponent, TooltipComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { duration, percent } from "../staff/figures";
import type { DrawnChart } from "./screening_chart";
import type { DayLine } from "./team_protocol";

use([BarChart, GridComponent, LegendComponent, TooltipComponent, CanvasRenderer]);

const SOFT = "#56646a";
const LINE = "#dde2de";
const HALF = "#174542";
const MOST = "#d98a1f";
const SHARE = "#1d5f9e";
const label = { color: SOFT, fontSize: 11 };

const minutes = (seconds: number | null): number | null => (seconds === null ? null : Math.round(seconds / 6) / 10);

/** `11.22`; what a day's bars and its table line are called by. */
export function shortDate(onDate: string): string {
  return onDate.slice(5).split("-").map(Number).join(".");
}

export function dayWords(day: DayLine): string {
  if (day.count === 0) return `${shortDate(day.on_date)} 没有人等`;
  const waits = `一半在 ${duration(day.p50_seconds)} 内，九成五在 ${duration(day.p95_seconds)} 内`;
  return `${shortDate(day.on_date)} ${day.count} 人：${waits}，时限内 ${percent(day.inside_share)}`;
}

export function drawWaits(box: HTMLElement, days: readonly DayLine[]): DrawnChart {
  const chart = init(box, null, { renderer: "canvas" });
  const axis = { type: "category" as const, data: days.map((day) => shortDate(day.on_date)), axisTick: { show: false }, axisLine: { lineStyle: { color: LINE } } };
  const splitLine = { lineStyle: { color: LINE } };
  chart.setOption({
    animation: false,
    legend: { top: 0, left: 0, itemWidth: 12, itemHeight: 12, textStyle: { color: SOFT, fontSize: 12 } },
    tooltip: {
      trigger: "axis", renderMode: "richText", axisPointer: { type: "shadow" },
      formatter: (found: { dataIndex: number }[]) => {
        const day = days[found[0]?.dataIndex ?? -1];
        return day ? dayWords(day).replaceAll(/[：，]/g, "\n") : "";
      },
    },
    grid: [
      { left: 46, right: 8, top: 34, height: 130 },
      { left: 46, right: 8, top: 190, height: 60 },
    ],
    xAxis: [
      { ...axis, gridIndex: 0, axisLabel: { show: false } },
      { ...axis, gridIndex: 1, axisLabel: label },
    ],
    yAxis: [
      { type: "value", gridIndex: 0, axisLabel: { ...label, formatter: "{value} 分" }, splitLine, splitNumber: 4 },
      { type: "value", gridIndex: 1, min: 0, max: 1, interval: 0.5, axisLabel: { ...label, formatter: (share: number) => percent(share) }, splitLine },
    ],
    series: [
      { name: "一半的人等了", type: "bar", data: days.map((day) => minutes(day.p50_seconds)), itemStyle: { color: HALF }, barMaxWidth: 14 },
      {
        name: "九成五的人等了", type: "bar", data: days.map((day) => minutes(day.p95_seconds)), barMaxWidth: 14,
        itemStyle: { color: MOST, decal: { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 3], color: "rgba(255,255,255,0.45)", rotation: 0.8 } },
      },
      { name: "时限内接到", type: "bar", xAxisIndex: 1, yAxisIndex: 1, data: days.map((day) => day.inside_share), itemStyle: { color: SHARE }, barMaxWidth: 30 },
    ],
  });
  return { resize: () => chart.resize(), dispose: () => chart.dispose() };
}
