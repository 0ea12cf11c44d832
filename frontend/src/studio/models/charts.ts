/** The pictures of a comparison: what each intent gained or lost, and which intents are taken for one another. */
import { BarChart, HeatmapChart } from "echarts/charts";
import { GridComponent, TooltipComponent, VisualMapComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import type { SmallMatrix } from "./confusion";
import type { IntentChange } from "./words";

use([BarChart, HeatmapChart, GridComponent, TooltipComponent, VisualMapComponent, CanvasRenderer]);

const SOFT = "#56646a";
const LINE = "#dde2de";
const INK = "#1f2a2c";
const GAIN = "#235b57";
const LOSS = "#a61b29";
/** Nothing to much, one lightness step each. */
const HEAT = ["#fdf0e2", "#f2c08a", "#d98a1f", "#a84d00", "#6b2c00"];
const ROW_PX = 24;
const label = { color: SOFT, fontSize: 11 };

export interface DrawnChart {
  resize: () => void;
  dispose: () => void;
}

export const heightOfChanges = (lines: readonly IntentChange[]): number => lines.length * ROW_PX + 40;

/** Bars to the right for what got better, to the left for what got worse; in points of F1. */
export function drawChanges(box: HTMLElement, lines: readonly IntentChange[]): DrawnChart {
  const chart = init(box, null, { renderer: "canvas" });
  const points = lines.map((line) => Math.round((line.change ?? 0) * 1000) / 10);
  const most = Math.max(5, ...points.map(Math.abs));
  chart.setOption({
    animation: false,
    grid: { left: 4, right: 40, top: 4, bottom: 24, containLabel: true },
    tooltip: {
      renderMode: "richText",
      formatter: ({ dataIndex }: { dataIndex: number }) => {
        const line = lines[dataIndex];
        return line === undefined ? "" : `${line.intent}\n${line.old_f1?.toFixed(3) ?? "–"} → ${line.new_f1?.toFixed(3) ?? "–"}\n${line.examples} 句`;
      },
    },
    xAxis: { type: "value", min: -most, max: most, axisLabel: { ...label, formatter: (value: number) => `${value > 0 ? "+" : ""}${value.toFixed(0)}` }, splitLine: { lineStyle: { color: LINE } } },
    yAxis: { type: "category", inverse: true, data: lines.map((line) => line.intent), axisTick: { show: false }, axisLine: { show: false }, axisLabel: { color: INK, fontSize: 12, interval: 0 } },
    series: [
      {
        type: "bar", barMaxWidth: 12,
        data: points.map((value) => ({
          value, itemStyle: value < 0 ? { color: LOSS, decal: { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 3], color: "rgba(255,255,255,0.45)", rotation: 0.8 } } : { color: GAIN },
          label: { position: value < 0 ? "left" : "right" },
        })),
        label: { show: true, color: SOFT, fontSize: 11, formatter: ({ value }: { value: number }) => (value === 0 ? "" : `${value > 0 ? "+" : "−"}${Math.abs(value).toFixed(1)}`) },
      },
    ],
  });
  return { resize: () => chart.resize(), dispose: () => chart.dispose() };
}

export const heightOfConfusion = (matrix: SmallMatrix): number => matrix.labels.length * ROW_PX + 150;

/** A square of labels: true intent by row, what was said by column; a press gives the pair. */
export function drawConfusion(box: HTMLElement, matrix: SmallMatrix, which: "old" | "fresh", pressed: (truth: string, said: string) => void): DrawnChart {
  const chart = init(box, null, { renderer: "canvas" });
  const cells = matrix.cells.filter((cell) => cell[which] > 0);
  const name = (place: number): string => matrix.labels[place] ?? "";
  chart.setOption({
    animation: false,
    grid: { left: 4, right: 12, top: 4, bottom: 4, containLabel: true },
    tooltip: {
      renderMode: "richText",
      formatter: ({ data }: { data: [number, number, number] }) => `其实是 ${name(data[1])}\n听成了 ${name(data[0])}\n${data[2]} 句`,
    },
    xAxis: { type: "category", data: matrix.labels, axisTick: { show: false }, axisLine: { lineStyle: { color: LINE } }, axisLabel: { ...label, rotate: 60, interval: 0 }, splitLine: { show: true, lineStyle: { color: LINE } } },
    yAxis: { type: "category", inverse: true, data: matrix.labels, axisTick: { show: false }, axisLine: { lineStyle: { color: LINE } }, axisLabel: { color: INK, fontSize: 11, interval: 0 }, splitLine: { show: true, lineStyle: { color: LINE } } },
    visualMap: { show: false, min: 0, max: matrix.most, inRange: { color: HEAT } },
    series: [
      {
        type: "heatmap", data: cells.map((cell) => [cell.said, cell.truth, cell[which]]),
        label: { show: true, fontSize: 11, formatter: ({ data }: { data: number[] }) => String(data[2] ?? "") },
        itemStyle: { borderColor: "#ffffff", borderWidth: 1 },
      },
    ],
  });
  chart.on("click", ({ data }) => {
    const [said, truth] = data as [number, number, number];
    pressed(name(truth), name(said));
  });
  return { resize: () => chart.resize(), dispose: () => chart.dispose() };
}
