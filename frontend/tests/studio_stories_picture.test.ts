import { describe, expect, it } from "vitest";
import { branchesOf } from "../src/studio/stories/branches";
import { troublesOf } from "../src/studio/stories/broken";
import { findOptions } from "../src/studio/stories/choosing";
import { inOrder, placeIssues, stepKey } from "../src/studio/stories/issues";
import { parse } from "../src/studio/stories/model";
import { valueOf, valueText } from "../src/studio/stories/words";
import type { Issue } from "../src/studio/protocol";
import { parseDocument } from "yaml";

const story = (name: string, ...steps: string[]): string => `- story: ${name}\n  steps:\n${steps.map((step) => `  - ${step}\n`).join("")}`;
const issue = (line: number | null, severity: Issue["severity"] = "error", path = "a.yml"): Issue => ({ severity, code: "x", path, line, column: null, message: `第 ${line} 行`, related: [] });

describe("branches", () => {
  const texts = new Map([
    ["data/stories/a.yml", `stories:\n${story("开头", "intent: greet", "checkpoint: 说下去")}${story("走这边", "checkpoint: 说下去", "intent: affirm", "checkpoint: 结束")}`],
    ["data/stories/b.yml", `stories:\n${story("走那边", "checkpoint: 说下去", "checkpoint: 也行", "intent: deny")}`],
    ["data/stories/broken.yml", "stories: ["],
    ["data/rules/c.yml", "rules:\n- rule: r\n  steps:\n  - checkpoint: 说下去\n"],
  ]);
  const { into, from } = branchesOf(texts);

  it("go from the stories that end in a checkpoint to all that begin with it, over all files", () => {
    expect(into.get("说下去")).toEqual([{ path: "data/stories/a.yml", item: 0, name: "开头" }]);
    expect(from.get("说下去")?.map(({ name }) => name)).toEqual(["走这边", "走那边"]);
    expect(from.get("也行")?.map(({ name }) => name)).toEqual(["走那边"]);
  });

  it("show an end that nothing follows", () => {
    expect([into.get("结束")?.length, from.get("结束")]).toEqual([1, undefined]);
  });
});

describe("names to choose from", () => {
  const options = [{ name: "utter_greet", word: "你好" }, { name: "greet", word: "打招呼" }, { name: "goodbye", word: "告别" }];

  it("are found by name or by what they are called, the beginning first", () => {
    expect(findOptions(options, "greet").map(({ name }) => name)).toEqual(["greet", "utter_greet"]);
    expect(findOptions(options, "招呼").map(({ name }) => name)).toEqual(["greet"]);
    expect(findOptions(options, "utter 你").map(({ name }) => name)).toEqual(["utter_greet"]);
    expect(findOptions(options, "")).toHaveLength(3);
    expect(findOptions(options, "没有")).toEqual([]);
  });
});

describe("issues of the check", () => {
  const { items } = parse(`stories:\n${story("一", "intent: a", "action: b")}\n${story("二", "intent: c")}`);

  it("stand at their step, at their item, or above all", () => {
    const placed = placeIssues(items, [issue(5), issue(2), issue(9), issue(1), issue(null)]);
    expect([...placed.ofStep.keys()]).toEqual([stepKey(0, 1), stepKey(1, 0)]);
    expect([...placed.ofItem.keys()]).toEqual([0]);
    expect(placed.others.map(({ line }) => line)).toEqual([1, null]);
  });

  it("come errors first, then by file and line", () => {
    const sorted = inOrder([issue(9, "warning"), issue(9), issue(1, "error", "b.yml"), issue(2)]);
    expect(sorted.map(({ severity, path, line }) => [severity, path, line])).toEqual([["error", "a.yml", 2], ["error", "a.yml", 9], ["error", "b.yml", 1], ["warning", "a.yml", 9]]);
  });
});

describe("values of slots", () => {
  it.each([["true", true], ["3", 3], ["work", "work"], ["null", null], ["[a, b]", ["a", "b"]], ['"true"', "true"]])("%s is typed and shown the same", (typed, value) => {
    expect(valueOf(typed)).toEqual({ hasValue: true, value });
    expect(valueText({ hasValue: true, value })).toBe(typed);
  });

  it("are words where they are no YAML, and none where nothing is typed", () => {
    expect(valueOf("[半截")).toEqual({ hasValue: true, value: "[半截" });
    expect([valueOf("  "), valueText({ hasValue: false, value: null })]).toEqual([{ hasValue: false, value: null }, ""]);
  });
});

it("each error of YAML has a sentence of its own", () => {
  const broken = ["a: b: c", "a: 'x", "a: @b", "- a\nb: c", "a: 1\na: 2", "a:\n\t- b", "a: [1", "--- 1\n--- 2"];
  const messages = broken.map((text) => troublesOf(parseDocument(text).errors)[0]?.message ?? "");
  for (const message of messages) expect(message).toMatch(/^[^a-z]{6,}/);
  expect(new Set(messages).size).toBeGreaterThan(5);
});
