import { describe, expect, it } from "vitest";
import { ApiError } from "../src/staff/api";
import { sentencesOf, small } from "../src/studio/models/confusion";
import { joined } from "../src/studio/models/job";
import { isPassing, pauseAfter } from "../src/studio/models/polling";
import { whyNotPublish } from "../src/studio/models/publishing";
import { changeWord, share, stepsOf, verdictSentence } from "../src/studio/models/words";
import type { Model } from "../src/studio/protocol";

describe("following a job", () => {
  it("asks every second, ever slower while nobody answers, and never slower than ten", () => {
    expect([0, 1, 2, 3, 4, 9].map(pauseAfter)).toEqual([1000, 2000, 4000, 8000, 10_000, 10_000]);
  });

  it("waits out a gateway that is away, and not a refusal", () => {
    expect([new ApiError(0, "away", ""), new ApiError(503, "storage", ""), new ApiError(429, "rate", "")].map(isPassing)).toEqual([true, true, true]);
    expect([new ApiError(404, "not_found", ""), new ApiError(403, "forbidden", "")].map(isPassing)).toEqual([false, false]);
  });
});

describe("the log of a job", () => {
  it("goes on where it was, begins anew when it became shorter, and keeps its end", () => {
    expect(joined(["a"], 1, { log: ["b", "c"], log_end: 3 })).toEqual(["a", "b", "c"]);
    expect(joined(["a", "b"], 2, { log: ["x"], log_end: 1 })).toEqual(["x"]);
    const long = joined([], 0, { log: Array.from({ length: 500 }, (_each, at) => String(at)), log_end: 500 });
    expect([long.length, long[0], long.at(-1)]).toEqual([400, "100", "499"]);
  });
});

describe("the confusion matrix", () => {
  const confusion = { labels: ["a", "b", "c", "d"], old: [[9, 2, 0, 0], [0, 9, 0, 0], [0, 0, 9, 0], [0, 0, 0, 9]], new: [[9, 0, 0, 1], [0, 9, 0, 0], [0, 0, 9, 0], [0, 0, 0, 9]] };

  it("keeps only labels that were or are taken for one another", () => {
    const found = small(confusion);
    expect(found.labels).toEqual(["a", "b", "d"]);
    expect(found.cells).toEqual([{ truth: 0, said: 1, old: 2, fresh: 0 }, { truth: 0, said: 2, old: 0, fresh: 1 }]);
    expect(found.most).toBe(2);
  });

  it("keeps the worst when there are too many, and is empty when nothing is confused", () => {
    expect(small(confusion, 2).labels).toEqual(["a", "b"]);
    expect(small({ labels: ["a"], old: [[3]], new: [[3]] })).toEqual({ labels: [], cells: [], most: 1 });
  });

  it("gives the sentences behind one confusion, those of now first", () => {
    const worse = [{ text: "一", intent: "a", old: "a", new: "b" }, { text: "二", intent: "a", old: "a", new: "c" }];
    const better = [{ text: "三", intent: "a", old: "b", new: "a" }];
    expect(sentencesOf({ worse, better }, "a", "b")).toEqual([{ text: "一", isWorse: true }, { text: "三", isWorse: false }]);
  });
});

describe("what a proof says", () => {
  it("is plain about publishing", () => {
    const said = (verdict: "passed" | "falls" | "blocked" | "unproven") => verdictSentence({ verdict, blocks: [], falls: [] });
    expect(said("passed")).toContain("可以发布");
    expect(said("falls")).toContain("第二个人");
    expect(said("blocked")).toContain("不能发布");
    expect(said("unproven")).toContain("验证");
  });

  it("shows shares with one digit, changes with their direction, and nothing where nothing was measured", () => {
    expect([share(0.9234), share(null), share(undefined)]).toEqual(["92.3%", "–", "–"]);
    expect([changeWord(0.9, 0.912), changeWord(0.9, 0.85), changeWord(0.9, 0.9001), changeWord(null, 0.9)]).toEqual(["▲ 1.2", "▼ 5.0", "＝", ""]);
  });
});

describe("whether I may publish", () => {
  const model = { id: "m", trained_by: "ji", verdict: "passed", role: null, is_runnable: true, why_not: null } as Model;
  const place = { can_publish: true, why_not: null, publication: null };
  const why = (values: Partial<Model>, here: Partial<typeof place> = {}) => whyNotPublish({ ...model, ...values }, { ...place, ...here }, "wu");

  it("is refused in words where the gateway would refuse", () => {
    expect(why({})).toBe("");
    expect(why({ verdict: "falls" })).toBe("");
    expect(why({ trained_by: "wu" })).toContain("另一位同事");
    expect(why({ verdict: "blocked" })).toContain("安全");
    expect(why({ verdict: "unproven" })).toContain("验证");
    expect(why({ is_runnable: false, why_not: "旧版本练的。" })).toBe("旧版本练的。");
    expect(why({ role: "live" })).not.toBe("");
    expect(why({}, { can_publish: false, why_not: "没有 supervisord。" as never })).toBe("没有 supervisord。");
  });
});

describe("a publication's steps", () => {
  const states = (state: string, moved_at: string | null = null) => stepsOf({ state, moved_at }).map((step) => step.state);

  it("go on with its state", () => {
    expect(states("starting")).toEqual(["done", "now", "next", "next"]);
    expect(states("moved", "x")).toEqual(["done", "done", "done", "now"]);
    expect(states("done", "x")).toEqual(["done", "done", "done", "done"]);
  });

  it("show where it failed", () => {
    expect(states("failed")).toEqual(["done", "failed", "next", "next"]);
    expect(states("failed", "x")).toEqual(["done", "done", "done", "failed"]);
  });
});
