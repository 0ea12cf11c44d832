/** The trend chart: ECharts with no more than a line, points, and bands behind them; canvas and rich text need no inline style. */
import { LineChart, ScatterChart } from "echarts/charts";
import { GridComponent, MarkAreaComponent, TooltipComponent } from "echarts/components";
import { type EChartsCoreOption, init, use } from "echarts/core";
import { CanvasRenderer } from "echarts/renderers";
import type { DrawnScale } from "../../shared/protocol";
import { stripesOf, type TrendLine, type TrendPoint } from "../../shared/screening_shapes";

use([LineChart, ScatterChart, GridComponent, MarkAreaComponent, TooltipComponent, CanvasRenderer]);

/** Bands from light to deep in one hue, told apart by lightness alone; the line's contrast holds on each of them. */
const LIGHT = { bands: ["#fdf6e7", "#f7e6c6", "#eed19d", "#e2b876", "#d39d58"], ink: "#352b23", soft: "#66574a", line: "#12413d", paper: "#fffaf0" };
const DARK = { bands: ["#231d1a", "#35291f", "#4a3724", "#614628", "#79572e"], ink: "#f0e5d4", soft: "#c2b19c", line: "#a5e3da", paper: "#2a2320" };

const LABEL_PX = 12;

export interface Picture {
  line: TrendLine;
  scale: DrawnScale;
  isHigherBetter: boolean;
  isDark: boolean;
  isStill: boolean;
}

export interface Drawn {
  draw(picture: Picture): void;
  end(): void;
}

export function chartIn(place: HTMLElement): Drawn {
  const chart = init(place, null, { renderer: "canvas", devicePixelRatio: Math.max(2, window.devicePixelRatio) });
  const observer = new ResizeObserver(() => {
    chart.resize();
  });
  observer.observe(place);
  return {
    draw(picture) {
      chart.setOption(optionOf(picture), true);
    },
    end() {
      observer.disconnect();
      chart.dispose();
    },
  };
}

const asData = (point: TrendPoint): { value: [number, number]; words: string } => ({ value: [point.at, point.value], words: point.words });

export function optionOf({ line, scale, isHigherBetter, isDark, isStill }: Picture): EChartsCoreOption {
  const colours = isDark ? DARK : LIGHT;
  const axis = { axisLine: { lineStyle: { color: colours.soft } }, axisLabel: { color: colours.soft, hideOverlap: true } };
  return {
    animation: !isStill,
    animationDuration: 400,
    grid: { left: 34, right: 18 + LABEL_PX * Math.max(0, ...scale.bands.map((band) => band.label.length)), top: 12, bottom: 26 },
    xAxis: { ...axis, type: "time", splitLine: { show: false }, boundaryGap: ["4%", "4%"], axisLabel: { ...axis.axisLabel, formatter: { year: "{yyyy}年", month: "{M}月", day: "{M}月{d}日", hour: "{HH}:{mm}", minute: "{HH}:{mm}" } } },
    yAxis: { ...axis, type: "value", min: scale.lowest, max: scale.highest, splitLine: { show: false }, ...ticksOf(scale, axis) },
    tooltip: {
      trigger: "item",
      renderMode: "richText",
      confine: true,
      backgroundColor: colours.paper,
      borderColor: colours.soft,
      textStyle: { color: colours.ink, fontSize: 14, lineHeight: 22 },
      formatter: ({ data }: { data: { words: string } }) => data.words,
    },
    series: [
      {
        type: "line",
        data: line.joined.map(asData),
        symbol: "circle",
        symbolSize: 12,
        lineStyle: { color: colours.line, width: 2.5 },
        itemStyle: { color: colours.line, borderColor: colours.paper, borderWidth: 1.5 },
        markArea: { silent: true, data: bandsOf(scale, isHigherBetter, colours) },
      },
      {
        type: "scatter",
        data: line.apart.map(asData),
        symbolSize: 12,
        itemStyle: { color: colours.paper, borderColor: colours.line, borderWidth: 2 },
      },
    ],
  };
}

/** Where bands begin, and the two ends; a scale without bands has the chart's own. */
function ticksOf(scale: DrawnScale, { axisLabel }: { axisLabel: object }): object {
  if (scale.bands.length === 0) return {};
  const customValues = [...scale.bands.map((band) => band.from), scale.highest];
  return { axisLabel: { ...axisLabel, customValues }, axisTick: { customValues } };
}

function bandsOf(scale: DrawnScale, isHigherBetter: boolean, colours: typeof LIGHT): object[][] {
  return stripesOf(scale, isHigherBetter).map((stripe) => [
    {
      yAxis: stripe.low,
      name: stripe.label,
      itemStyle: { color: colours.bands[stripe.shade] },
      label: { position: "right", color: colours.ink, fontSize: LABEL_PX },
    },
    { yAxis: stripe.high },
  ]);
}
