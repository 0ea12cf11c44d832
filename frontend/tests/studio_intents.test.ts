import { describe, expect, it } from "vitest";
import { bracketProblem, pieces, plain, sameness } from "../src/studio/intents/annotations";
import { linesOf, nameProblem, sorted } from "../src/studio/intents/pasting";
import { keyOf, type Pair, remediesOf } from "../src/studio/intents/remedies";
import type { PairKind } from "../src/studio/protocol";

describe("an example with entities", () => {
  it("is taken apart in order and loses no word", () => {
    expect(pieces("我[老公](person)说[后天]{\"entity\": \"day\", \"value\": \"d2\"}走")).toEqual([
      { text: "我", entity: null, value: null }, { text: "老公", entity: "person", value: null }, { text: "说", entity: null, value: null },
      { text: "后天", entity: "day", value: "d2" }, { text: "走", entity: null, value: null },
    ]);
    expect(pieces("[睡不着](symptom:sleep)")).toEqual([{ text: "睡不着", entity: "symptom", value: "sleep" }]);
    expect(plain("我[老公](person)不在")).toBe("我老公不在");
  });

  it("shows broken brackets as they are and says so", () => {
    expect(plain("我[老公]{entity}在")).toBe("我[老公]{entity}在");
    expect(bracketProblem("我[老公]{entity}在")).not.toBe("");
    expect(bracketProblem("我[老公](person")).not.toBe("");
    expect(bracketProblem("我[老公")).not.toBe("");
    expect([bracketProblem("我[老公](person)在"), bracketProblem("他说[笑]而已")]).toEqual(["", ""]);
  });

  it("is the same sentence whatever its spaces, width and marks", () => {
    expect(sameness("我 [老公](person) ＯＫ")).toBe(sameness("我老公ok"));
    expect(sameness("睡不着")).not.toBe(sameness("睡得着"));
  });
});

describe("pasted lines", () => {
  it("lose list signs, numbers and quotes, and nothing else", () => {
    expect(linesOf("- 睡不着\r\n\n 2. 半夜醒\n“天天做梦”\n3点就醒了\n1、一躺下就想事")).toEqual(["睡不着", "半夜醒", "天天做梦", "3点就醒了", "一躺下就想事"]);
  });

  it("are told apart before they are saved", () => {
    const known = new Map([[sameness("睡不着"), "sleep_problem"], [sameness("我很烦"), "anxiety"]]);
    const found = sorted(["睡 不着", "我很烦", "半夜醒", "半夜醒", "/forced", "[坏"], "sleep_problem", known);
    expect(found.fresh).toEqual(["半夜醒"]);
    expect(found.repeated).toEqual(["半夜醒"]);
    expect(found.known).toEqual(["睡 不着"]);
    expect(found.elsewhere).toEqual([{ text: "我很烦", intent: "anxiety" }]);
    expect(found.refused.map((line) => line.text)).toEqual(["/forced", "[坏"]);
  });

  it("of thousands are told apart at once", () => {
    const lines = Array.from({ length: 5000 }, (_each, at) => `第${at}句话`);
    expect(sorted(lines, "x", new Map()).fresh).toHaveLength(5000);
  });
});

describe("an intent's name", () => {
  it("is refused with a reason when Rasa or the folder could not take it", () => {
    for (const name of ["", "  ", "空格 在里面", "../x", "Sleep", "睡眠", "a", "1ab", "a/b", "a{b", "x".repeat(65)]) expect(nameProblem(name, [])).not.toBe("");
    expect(nameProblem("sleep_problem", ["sleep_problem"])).toContain("已经有");
    expect(nameProblem(" sleep_too_long ", ["sleep_problem"])).toBe("");
  });
});

describe("a pair in each other's way", () => {
  const side = (intent: string, text: string) => ({ text, intent, path: "data/nlu/a.yml", line: 1 });
  const pair = (kind: PairKind, a: string, b: string): Pair => ({ kind, ...side(a, "左"), other: side(b, "右"), similarity: 0.97 });

  it("is settled by one press that takes the sentence out of one intent", () => {
    const words = remediesOf(pair("same_text", "anxiety", "burnout")).map((each) => [each.word, each.edit]);
    expect(words).toEqual([
      ["只留在 anxiety", { edit: "remove_examples", intent: "burnout", examples: ["右"] }],
      ["只留在 burnout", { edit: "remove_examples", intent: "anxiety", examples: ["左"] }],
    ]);
  });

  it("of one intent is never moved, of two may be", () => {
    expect(remediesOf(pair("near_duplicate", "grief", "grief")).map((each) => each.id)).toEqual(["keep_first", "keep_second"]);
    expect(remediesOf(pair("near_duplicate", "grief", "low_mood")).map((each) => each.id)).toContain("move_second");
  });

  it("that stands nearer to another intent moves there", () => {
    expect(remediesOf(pair("nearer_to_other", "grief", "low_mood"))[0]?.edit).toEqual({ edit: "move_examples", examples: ["左"], from: "grief", to: "low_mood" });
  });

  it("is known again from its other side", () => {
    const one = pair("same_text", "a", "b");
    const turned: Pair = { ...one, text: one.other.text, intent: one.other.intent, other: side(one.intent, one.text) };
    expect(keyOf(one)).toBe(keyOf(turned));
    expect(keyOf({ ...one, kind: "near_duplicate" })).not.toBe(keyOf(one));
  });
});
