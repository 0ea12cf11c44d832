import { describe, expect, it } from "vitest";
import type { ResponseRow, Wording } from "../src/studio/protocol";
import { blanksIn, draftsOf, findResponses, isSame, lacks, lengthOf, moved, nameProblem } from "../src/studio/responses/wordings";

const wording = (text: string, values: Partial<Wording> = {}): Wording => ({ text, buttons: [], length: lengthOf(text), hints: [], ...values });
const row = (name: string, state: ResponseRow["review"]["state"], wordings: Wording[], isReached = true): ResponseRow => ({
  name, line: 1, wordings, used_in: [], is_reached: isReached, review: { state, author: null, reviewed_by: null, reviewed_at: null },
});
const ROWS = [
  row("utter_greet", "reviewed", [wording("你好，{person}。")]),
  row("utter_ask", "never", [wording("这里头，哪一件最让你喘不上气？"), wording("长".repeat(91))]),
  row("utter_old", "changed", [wording("加油！", { hints: ["口号"] })], false),
];
const names = (rows: ResponseRow[]): string[] => rows.map(({ name }) => name);

describe("responses", () => {
  it.each([["all", 3], ["unreviewed", ["utter_ask"]], ["changed", ["utter_old"]], ["long", ["utter_ask"]], ["unused", ["utter_old"]], ["hints", ["utter_old"]]] as const)(
    "under %s", (filter, expected) => {
      const found = names(findResponses(ROWS, filter, ""));
      expect(typeof expected === "number" ? found.length : found).toEqual(expected);
    },
  );

  it("are found by name and by any of their wordings, within the filter", () => {
    expect(names(findResponses(ROWS, "all", "喘不上 utter"))).toEqual(["utter_ask"]);
    expect(names(findResponses(ROWS, "changed", "你好"))).toEqual([]);
    expect(findResponses(ROWS, "all", "没有这句")).toEqual([]);
  });
});

describe("a wording", () => {
  it("shows its blanks apart and loses no sign", () => {
    const text = "{person}，你说到{duration}，{ 不是 }。";
    expect(blanksIn(text).filter(({ isBlank }) => isBlank).map((piece) => piece.text)).toEqual(["{person}", "{duration}"]);
    expect(blanksIn(text).map((piece) => piece.text).join("")).toBe(text);
    expect(blanksIn("")).toEqual([]);
  });

  it("is as long as its characters, not as their halves", () => {
    expect([lengthOf(" 你好 "), lengthOf("🙂𠀀")]).toEqual([2, 2]);
  });

  it("is the same until a letter or a button of it changes", () => {
    const given = [wording("好", { buttons: [{ title: "是", payload: "/affirm" }] })];
    const drafts = draftsOf(given);
    expect(isSame(drafts, given)).toBe(true);
    for (const draft of drafts) for (const button of draft.buttons) button.title = "是的";
    expect(isSame(drafts, given)).toBe(false);
    expect(given[0]?.buttons[0]?.title).toBe("是");
  });

  it("can't be saved while it is empty, twice the same, or has half a button", () => {
    const half = { text: "好", buttons: [{ title: "", payload: "/affirm" }] };
    const astray = { text: "行", buttons: [{ title: "是", payload: "affirm" }] };
    expect(Object.keys(lacks([{ text: " ", buttons: [] }, { text: "a", buttons: [] }, { text: "a ", buttons: [] }, half, astray]))).toEqual(["0", "2", "3", "4"]);
    expect(lacks([{ text: "a", buttons: [] }, { text: "b", buttons: [{ title: "是", payload: "/affirm" }] }])).toEqual({});
  });
});

describe("the order", () => {
  it("changes within the list only", () => {
    expect([moved([1, 2, 3], 0, 2), moved([1, 2, 3], 0, -1), moved([1, 2, 3], 2, 3)]).toEqual([[2, 3, 1], [1, 2, 3], [1, 2, 3]]);
  });
});

it("a name is one that Rasa takes and that isn't taken", () => {
  expect([nameProblem("utter_x1", []), nameProblem("utter_x1", ["utter_x1"]) !== "", nameProblem("你好", []) !== "", nameProblem("greet", []) !== ""]).toEqual(["", true, true, true]);
});
