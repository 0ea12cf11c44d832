/** The small chart of one questionnaire's results: a line of points before the bands that they are read by. */
import { LineChart } from "echarts/charts";
import { GridComponent, MarkAreaComponent } from "echarts/components";
import { init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import { stripesOf } from "../shared/screening_shapes";
import type { ScreeningLine } from "./protocol";

use([LineChart, GridComponent, MarkAreaComponent, CanvasRenderer]);

/** From quiet to strong, one lightness step each, so that they differ without colour too. */
const SHADES = ["#eef3f1", "#dfe9e5", "#f3e6cf", "#ebcfae", "#dcae9a"];
const INK = "#1f2a2c";

export interface DrawnChart {
  resize: () => void;
  dispose: () => void;
}

function shortDay(at: string): string {
  const date = new Date(at);
  return `${date.getMonth() + 1}.${date.getDate()}`;
}

/** Draws into `box`; the newest result's bands lie behind all points. */
export function drawScreening(box: HTMLElement, line: ScreeningLine): DrawnChart {
  const newest = line.points.at(-1);
  const chart = init(box, null, { renderer: "canvas" });
  const stripes = newest === undefined ? [] : stripesOf(newest, line.is_higher_better);
  chart.setOption({
    animation: false,
    grid: { left: 26, right: 10, top: 10, bottom: 20 },
    xAxis: {
      type: "category", data: line.points.map((point) => shortDay(point.finished_at)), boundaryGap: true,
      axisTick: { show: false }, axisLine: { show: false }, axisLabel: { color: "#56646a", fontSize: 11 },
    },
    yAxis: {
      type: "value", min: newest?.lowest ?? 0, max: newest?.highest ?? 1, interval: (newest?.highest ?? 1) - (newest?.lowest ?? 0),
      splitLine: { show: false }, axisLabel: { color: "#56646a", fontSize: 11 },
    },
    series: [
      {
        type: "line", data: line.points.map((point) => point.value), symbol: "circle", symbolSize: 8, color: INK,
        lineStyle: { width: 2 }, label: { show: true, position: "top", color: INK, fontSize: 11 },
        markArea: {
          silent: true,
          data: stripes.map((stripe) => [
            { yAxis: stripe.low, itemStyle: { color: SHADES[stripe.shade] ?? "#e8ebe6" } }, { yAxis: stripe.high },
          ]),
        },
      },
    ],
  });
  return { resize: () => chart.resize(), dispose: () => chart.dispose() };
}
