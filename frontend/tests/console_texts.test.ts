import { describe, expect, it } from "vitest";
import { fill, findCanned, searchIn } from "../src/console/canned";
import { fieldTime, lackingWords, usualTimes } from "../src/console/closing";
import { pieces } from "../src/staff/cue_words";
import { deedOf } from "../src/console/keys";
import { localTime } from "../src/staff/times";

const REPLIES = [
  { id: "a", title: "打招呼", group: "开始", text: "{称呼}，我是{我}，真人。" },
  { id: "b", title: "问安全", group: "安全", text: "你现在身边有人吗？" },
  { id: "c", title: "约下次", group: "结束", text: "明天这个点我再来，安全第一。" },
];

describe("prepared replies", () => {
  it("are searched only where the draft begins with a slash", () => {
    expect([searchIn("/安 全"), searchIn("／"), searchIn("你好 /安全"), searchIn("/第一行\n第二行"), searchIn("")]).toEqual(["安 全", "", null, null, null]);
  });

  it("are found by every piece, the title first", () => {
    expect(findCanned(REPLIES, "安全").map((reply) => reply.id)).toEqual(["b", "c"]);
    expect(findCanned(REPLIES, "结束 安全").map((reply) => reply.id)).toEqual(["c"]);
    expect(findCanned(REPLIES, "")).toHaveLength(3);
    expect(findCanned(REPLIES, "没有这句")).toEqual([]);
  });

  it("name both people, and nobody who left no name", () => {
    expect(fill("{称呼}，我是{我}，{称呼}慢慢说。", "小雨", "林医生")).toBe("小雨，我是林医生，小雨慢慢说。");
    expect(fill("{称呼}，你好，我是{我}。", null, "林医生")).toBe("你好，我是林医生。");
    expect(fill("{称呼}，你好。", "  ", "林医生")).toBe("你好。");
  });

  it("put a name in as it is, also one with signs of patterns", () => {
    expect(fill("{称呼}，你好，我是{我}。", "$& {我}", "林$1")).toBe("$& {我}，你好，我是林$1。");
  });
});

describe("cue words in a text", () => {
  it("are marked everywhere, the rest untouched", () => {
    expect(pieces("药都攒好了，药在家", ["药"])).toEqual([
      { text: "药", isCue: true }, { text: "都攒好了，", isCue: false }, { text: "药", isCue: true }, { text: "在家", isCue: false },
    ]);
  });

  it("run together where they overlap, and lose no character", () => {
    const found = pieces("我不想活了真的", ["不想活", "想活了", ""]);
    expect(found.filter((piece) => piece.isCue).map((piece) => piece.text)).toEqual(["不想活了"]);
    expect(found.map((piece) => piece.text).join("")).toBe("我不想活了真的");
    expect(pieces("", ["药"])).toEqual([]);
  });
});

describe("keys", () => {
  const press = (key: string, values: object = {}) => ({ key, code: "", altKey: false, ctrlKey: false, metaKey: false, ...values });

  it("mean nothing to the desk while somebody writes, but Alt does", () => {
    expect(deedOf(press("j"), false)).toEqual({ kind: "down" });
    expect(deedOf(press("j"), true)).toBeNull();
    expect(deedOf(press("a"), true)).toBeNull();
    expect(deedOf(press("¡", { altKey: true, code: "Digit1" }), true)).toEqual({ kind: "tab", place: 0 });
    expect(deedOf(press("y", { altKey: true, code: "KeyY" }), true)).toEqual({ kind: "take_offer" });
  });

  it("leave the browser's own alone", () => {
    expect(deedOf(press("a", { ctrlKey: true }), false)).toBeNull();
    expect(deedOf(press("r", { metaKey: true }), false)).toBeNull();
  });
});

describe("the form of a close", () => {
  it("says in words what the gateway names, the unknown by the gateway's sentence", () => {
    const found = lackingWords(["outcome", "follow_ups", "other"], "还差几样。");
    expect(Object.keys(found)).toEqual(["outcome", "follow_up", "other"]);
    expect(found["other"]).toBe("还差几样。");
    expect(found["follow_up"]).not.toBe("还差几样。");
  });

  it("proposes times that lie ahead, in the form that a field takes", () => {
    const now = new Date(2026, 10, 30, 23, 30);
    const times = usualTimes(now).map((time) => time.at);
    expect(times.every((time) => time > now)).toBe(true);
    expect(times.slice(1).map(fieldTime)).toEqual(["2026-12-01T09:00", "2026-12-03T09:00"]);
    expect(fieldTime(new Date(2026, 0, 2, 3, 4))).toBe("2026-01-02T03:04");
  });
});

it("shows the worker's local time in the worker's zone, not in ours", () => {
  expect(localTime("2026-11-22T23:26:10+08:00")).toBe("周日 23:26");
  expect(localTime("2026-11-22T01:05:00-05:00")).toBe("周日 01:05");
  expect(localTime("unknown")).toBe("unknown");
});
