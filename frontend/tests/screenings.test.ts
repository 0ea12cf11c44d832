import { createSSRApp } from "vue";
import { renderToString } from "vue/server-renderer";
import { describe, expect, it } from "vitest";
import type { DrawnScale } from "../src/shared/protocol";
import type { FinishedRun, ResultScale } from "../src/shared/screenings";
import { arcPath, onArc, SHADES, shareOf, stripesOf, trendOf } from "../src/shared/screening_shapes";
import { comparison, dayWords, scalesShown, scoredRuns, scoreWords, spokenScore, valueLabel } from "../src/shared/screening_words";
import { Thread } from "../src/shared/thread";
import ScreeningResultCard from "../src/widget/cards/ScreeningResultCard.vue";

const BANDS = [
  { from: 0, to: 4, label: "轻微或没有" },
  { from: 5, to: 9, label: "轻度" },
  { from: 10, to: 27, label: "中度" },
];

function scale(value: number | null, extra: Partial<ResultScale> = {}): ResultScale {
  const label = BANDS.find((band) => value !== null && value >= band.from && value <= band.to)?.label ?? null;
  return {
    id: "total", title: "抑郁症状", value, lowest: 0, highest: 27, label, is_prorated: false, is_minimum: false, bands: BANDS, means: [], ...extra,
  };
}

function run(day: number, scales: ResultScale[], extra: Partial<FinishedRun> = {}): FinishedRun {
  const finished_at = new Date(2026, 8, day, 9).toISOString();
  return { run_id: `r${day}`, finished_at, is_invited: false, is_opened: true, is_overlapping: false, shared_at: null, scales, ...extra };
}

describe("a score in words", () => {
  it("never stands without its range", () => {
    expect(scoreWords(scale(13))).toBe("13 分（0 到 27 分）");
    expect(spokenScore(scale(13))).toBe("抑郁症状：13 分（0 到 27 分），在“中度”这一段");
  });

  it("says when it is an estimate, a least, or none", () => {
    expect(scoreWords(scale(13, { is_prorated: true }))).toContain("估算");
    expect(scoreWords(scale(4, { is_minimum: true }))).toMatch(/^至少 4 分/);
    expect(scoreWords(scale(null))).toBeNull();
    expect(spokenScore(scale(null))).toContain("没有分");
  });

  it("has a decimal only where a mean has one", () => {
    expect([valueLabel(85.71428), valueLabel(50), valueLabel(0)]).toEqual(["85.7", "50", "0"]);
  });

  it("has its day, and the hour only beside another run of that day", () => {
    const [morning, evening] = [new Date(2026, 8, 3, 9, 5).toISOString(), new Date(2026, 8, 3, 21, 40).toISOString()];
    expect(dayWords(morning, [morning])).toBe("2026年9月3日");
    expect(dayWords(morning, [morning, evening])).toBe("2026年9月3日 09:05");
  });
});

describe("two dates compared", () => {
  const words = (before: ResultScale, after: ResultScale, days: number | null = 14, apart = 20): string =>
    comparison(run(1, [before]), run(1 + apart, [after]), "total", days).join("");

  it("say how much higher or lower, without a judgement inside one band", () => {
    expect(words(scale(5), scale(9))).toBe("比那次高了 4 分。两次都在“轻度”这一段。");
    expect(words(scale(9), scale(5))).toBe("比那次低了 4 分。两次都在“轻度”这一段。");
    expect(words(scale(7), scale(7))).toBe("和那次一样。两次都在“轻度”这一段。");
  });

  it("name both bands when they differ, and praise nothing", () => {
    expect(words(scale(12), scale(7))).toBe("比那次低了 5 分。那次在“中度”这一段，这次在“轻度”这一段。");
    for (const [before, after] of [[27, 0], [0, 27], [10, 9]] as const) {
      expect(words(scale(before), scale(after))).not.toMatch(/恭喜|好转|进步|变好|变差|恶化|加油/);
    }
  });

  it("give no difference inside one time window, nor for a least score, another range, or none", () => {
    for (const said of [
      words(scale(12), scale(7), 14, 13),
      words(scale(4, { is_minimum: true }), scale(7)),
      words(scale(7), scale(9, { highest: 21 })),
      words(scale(null), scale(7)),
    ]) {
      expect(said).not.toMatch(/高了|低了/);
    }
    expect(words(scale(12), scale(7), 14, 13)).toContain("时间窗重叠");
    expect(words(scale(12), scale(7), 14, 14)).toContain("低了 5 分");
    expect(words(scale(12), scale(7), null, 0)).toContain("低了 5 分");
  });

  it("say when a score is an estimate, and leave bands out where there are none", () => {
    expect(words(scale(12, { is_prorated: true }), scale(7))).toContain("估算");
    expect(words(scale(12, { label: null }), scale(7, { label: null }))).toBe("比那次低了 5 分。");
  });
});

describe("the line over time", () => {
  const runs = [
    run(1, [scale(12)]),
    run(3, [scale(9)], { is_overlapping: true }),
    run(18, [scale(null)]),
    run(19, [scale(4, { is_minimum: true })]),
    run(25, [scale(7)]),
    run(26, [], { is_opened: false, is_invited: true }),
  ];

  it("joins neither overlapping runs nor least scores, and leaves out what has no score", () => {
    const line = trendOf(runs, "total");
    expect(line.joined.map((point) => point.value)).toEqual([12, 7]);
    expect(line.apart.map((point) => point.value)).toEqual([9, 4]);
    expect(line.apart[0]?.words).toBe("2026年9月3日\n9 分（0 到 27 分）\n轻度\n时间窗重叠");
    expect(line.apart[1]?.words).toContain("至少");
  });

  it("knows which scales have a score at all", () => {
    const pair = scale(null, { id: "pair", title: "另一项" });
    expect(scalesShown([...runs, run(27, [scale(5), pair])]).map((each) => each.id)).toEqual(["total"]);
    expect(scoredRuns(runs, "total")).toHaveLength(4);
  });
});

describe("what is drawn", () => {
  it("covers the whole range without a gap, a value always within its own band", () => {
    const stripes = stripesOf(scale(0), false);
    expect(stripes.map(({ low, high }) => [low, high])).toEqual([[0, 4.5], [4.5, 9.5], [9.5, 27]]);
    for (let value = 0; value <= 27; value += 1) {
      const stripe = stripes.find(({ low, high }) => value >= low && value <= high);
      expect(stripe?.label).toBe(scale(value).label);
    }
  });

  it("is deeper where there is more trouble: upside down where high is good", () => {
    expect(stripesOf(scale(0), false).map((stripe) => stripe.shade)).toEqual([0, 2, SHADES - 1]);
    expect(stripesOf(scale(0), true).map((stripe) => stripe.shade)).toEqual([SHADES - 1, 2, 0]);
  });

  it("goes from left to right, also for a range that does not begin at nought", () => {
    const lonely: DrawnScale = { ...scale(3), lowest: 3, highest: 9 };
    expect([shareOf(lonely, 3), shareOf(lonely, 6), shareOf(lonely, 9), shareOf(lonely, 12)]).toEqual([0, 0.5, 1, 1]);
    expect(onArc(0)).toEqual([20, 100]);
    expect(onArc(1)).toEqual([180, 100]);
    expect(arcPath(0, 0.5)).toBe("M20 100A80 80 0 0 1 100 20");
  });
});

describe("the card in the thread", () => {
  const drawn = (scales: DrawnScale[]): Promise<string> =>
    renderToString(createSSRApp(ScreeningResultCard, { plan: { kind: "screening_result", title: "抑郁症状九题", is_higher_better: false, scales } }));

  it("tells in words what it draws, and that it is no diagnosis", async () => {
    const html = await drawn([scale(13)]);
    expect(html).toContain('aria-label="抑郁症状：13 分（0 到 27 分），在“中度”这一段"');
    expect(html).toContain("不是诊断");
    expect(html.match(/is-here/g)).toHaveLength(1);
    for (const band of BANDS) expect(html).toContain(`${band.from}–${band.to}`);
  });

  it("needs no inline style, which the policy would block", async () => {
    expect(await drawn([scale(13)])).not.toMatch(/\sstyle=/);
  });

  it("names the lack of a cut, and of a score", async () => {
    expect(await drawn([scale(11, { bands: [], label: null })])).toContain("没有公认的分界");
    expect(await drawn([scale(null)])).toContain("这次没有分");
  });
});

it("a questionnaire is begun by a frame of its own, under the words of its button", () => {
  const thread = new Thread();
  const sent: object[] = [];
  thread.add("e1", "我想做“情绪四题”", "2026-11-22T08:00:00Z", { questionnaire: "phq-4" });
  thread.flush((frame) => sent.push(frame) > 0, 0);
  expect(sent).toEqual([{ type: "screening", external_id: "e1", questionnaire: "phq-4" }]);
  thread.stored({ type: "stored", external_id: "e1", id: 3, event: 3 });
  expect(thread.lines[0]).toMatchObject({ author: "worker", text: "我想做“情绪四题”" });
});
