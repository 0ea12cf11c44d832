import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse as parseYaml } from "yaml";
import {
  addItem, duplicateItem, duplicateStep, EditRefused, insertSteps, moveItem, moveStep, removeItem, removeStep, renameItem, setComment, setFlag, setStep, type Where,
} from "../src/studio/stories/edits";
import { findLine, type Item, parse } from "../src/studio/stories/model";
import type { Step } from "../src/studio/stories/steps";

const ROOT = join(import.meta.dirname, "../..");
const FOLDERS = ["data/stories", "data/rules", "tests/dialogue"];
const REAL = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder)).filter((name) => name.endsWith(".yml")).map((name) => [`${folder}/${name}`, readFileSync(join(ROOT, folder, name), "utf8")] as const),
);

const MIXED = `version: "3.1"  # ours

stories:
# a greeting, with a form in it
- story: 打招呼
  steps:
  # first words
  - intent: greet  # or a nod
  - action: utter_greet
  - or:
    - intent: affirm
    # rarely
    - intent: thank
      entities:
      - feeling: 累
      - place
  - slot_was_set:
    - topic: work   # told before
    - depth: 3
    - person
  - active_loop: exercise_form
  - active_loop: null

  - checkpoint: more

- story: "goes on"
  steps:
  - checkpoint: more
    slot_was_set:
    - topic: work
  - user: |
      我在[北京](place)上班
    intent: work_stress
  - bot: 嗯。

# apart, belongs to nobody

rules:
- rule: 只在开头
  conversation_start: true
  condition:
  - active_loop: null
  - slot_was_set:
    - topic
  steps:
  - intent: greet
  - action: utter_greet
  wait_for_user_input: false
- rule: short
  steps: [{intent: deny}, {action: utter_ok}]
`;

const at = (item: number, place = 0, list: Where["list"] = "steps"): Where => ({ item, list, at: place });
const itemAt = (text: string, index: number): Item => {
  const found = parse(text).items[index];
  if (found === undefined) throw new Error(`no item ${index}`);
  return found;
};
const stepsOf = (text: string, index: number): Step[] => itemAt(text, index).steps.steps.map(({ step }) => step);
const source = (text: string, index: number): string => {
  const { lead, lines } = itemAt(text, index).place;
  return text.split("\n").slice(lead, lines.to).join("\n");
};
const bot = (action: string): Step => ({ kind: "bot", action });
const said = (intent: string): Step => ({ kind: "worker", turns: [{ intent, words: null, marks: [] }] });
/** Lines of `after` that `before` hasn't, and the other way round, by position from both ends. */
function changedLines(before: string, after: string): { gone: string[]; came: string[] } {
  const old = before.split("\n");
  const now = after.split("\n");
  let top = 0;
  while (top < old.length && top < now.length && old[top] === now[top]) top += 1;
  let end = 0;
  while (end < old.length - top && end < now.length - top && old[old.length - 1 - end] === now[now.length - 1 - end]) end += 1;
  return { gone: old.slice(top, old.length - end), came: now.slice(top, now.length - end) };
}

/** Every byte above and below the item is the same. */
function expectOnlyItemChanged(before: string, after: string, item: number): void {
  const { lead, lines } = itemAt(before, item).place;
  const rest = before.split("\n");
  expect(after).not.toBe(before);
  expect(parse(after).troubles).toEqual([]);
  expect(after.split("\n").slice(0, lead)).toEqual(rest.slice(0, lead));
  expect(after.endsWith(rest.slice(lines.to).join("\n"))).toBe(true);
}

describe.each(REAL)("the real file %s", { timeout: 30_000 }, (_path, text) => {
  const { items, troubles } = parse(text);
  /** The first and the last. */
  const some = [...new Set([0, items.length - 1])].map((index) => [items[index] as Item, index] as const);

  it("is read whole: the same items and steps as the YAML has, each on its lines", () => {
    const plain = parseYaml(text) as { stories?: { story: string; steps: unknown[] }[]; rules?: { rule: string; steps: unknown[] }[] };
    const expected = [...(plain.stories ?? []), ...(plain.rules ?? [])];
    expect(troubles).toEqual([]);
    expect(items.map((item) => item.name)).toEqual(expected.map((each) => ("story" in each ? each.story : each.rule)));
    expect(items.map((item) => item.steps.steps.length)).toEqual(expected.map((each) => each.steps.length));
    for (const item of items) {
      expect(item.steps.isBlock).toBe(true);
      expect(text.split("\n")[item.place.lines.from]).toContain(item.name);
      for (const { step, source: lines } of item.steps.steps) {
        expect(step.kind).not.toBe("other");
        expect(lines.startsWith("- ")).toBe(true);
      }
    }
  });

  it("keeps every byte when each step is set to what it says", () => {
    items.forEach((item, index) => {
      item.steps.steps.forEach(({ step }, place) => expect(setStep(text, at(index, place), step)).toBe(text));
      expect(renameItem(text, index, item.name)).toBe(text);
      expect(setComment(text, index, null, item.comment)).toBe(text);
    });
  });

  it("changes only the one item, whatever is done to it", () => {
    some.forEach(([item, index]) => {
      const last = item.steps.steps.length - 1;
      expectOnlyItemChanged(text, setStep(text, at(index), said("另一个")), index);
      expectOnlyItemChanged(text, insertSteps(text, at(index, last + 1), [bot("utter_new"), said("thank")]), index);
      expectOnlyItemChanged(text, removeStep(text, at(index, last)), index);
      if (last > 0) expectOnlyItemChanged(text, moveStep(text, at(index), last), index);
      expectOnlyItemChanged(text, duplicateStep(text, at(index)), index);
      expectOnlyItemChanged(text, renameItem(text, index, "另一个名字: 有冒号"), index);
      expectOnlyItemChanged(text, setComment(text, index, null, "一句说明\n两行"), index);
      expectOnlyItemChanged(text, setFlag(text, index, "conversation_start", true), index);
      expectOnlyItemChanged(text, insertSteps(text, at(index, 0, "condition"), [{ kind: "loop", form: null }]), index);
    });
  });

  it("is the same again after each edit and its opposite", () => {
    some.forEach(([item, index]) => {
      const { length } = item.steps.steps;
      for (const place of new Set([0, length - 1])) {
        expect(removeStep(insertSteps(text, at(index, place), [bot("utter_new")]), at(index, place))).toBe(text);
        expect(removeStep(duplicateStep(text, at(index, place)), at(index, place + 1))).toBe(text);
        expect(moveStep(moveStep(text, at(index, place), length - 1), at(index, length - 1), place)).toBe(text);
      }
      expect(setFlag(setFlag(text, index, "wait_for_user_input", false), index, "wait_for_user_input", null)).toBe(text);
      expect(removeStep(insertSteps(text, at(index, 0, "condition"), [{ kind: "loop", form: null }]), at(index, 0, "condition"))).toBe(text);
      expect(removeItem(duplicateItem(text, index, `${item.name} 副本`), index + 1)).toBe(text);
      if (index > 0) expect(moveItem(moveItem(text, index, -1), index - 1, 1)).toBe(text);
    });
    expect(removeItem(addItem(text, items[0]?.kind ?? "story", "新的", [said("greet"), bot("utter_greet")]), items.length)).toBe(text);
  });

  it("says which item and step a line belongs to", () => {
    items.forEach((item, index) => {
      item.steps.steps.forEach(({ place }, step) => expect(findLine(items, place.lines.from + 1)).toEqual({ item: index, step }));
      expect(findLine(items, item.place.lines.from + 1)).toEqual({ item: index, step: null });
    });
    expect(findLine(items, 1)).toBeNull();
  });
});

describe("a file with everything", () => {
  it("is read in all its kinds of steps", () => {
    expect(parse(MIXED).troubles).toEqual([]);
    expect(stepsOf(MIXED, 0)).toEqual([
      said("greet"),
      bot("utter_greet"),
      {
        kind: "worker",
        turns: [
          { intent: "affirm", words: null, marks: [] },
          { intent: "thank", words: null, marks: [{ entity: "feeling", hasValue: true, value: "累", rest: {} }, { entity: "place", hasValue: false, value: null, rest: {} }] },
        ],
      },
      { kind: "slots", slots: [{ name: "topic", hasValue: true, value: "work" }, { name: "depth", hasValue: true, value: 3 }, { name: "person", hasValue: false, value: null }] },
      { kind: "loop", form: "exercise_form" },
      { kind: "loop", form: null },
      { kind: "checkpoint", name: "more", slots: [] },
    ]);
    expect(stepsOf(MIXED, 1)).toEqual([
      { kind: "checkpoint", name: "more", slots: [{ name: "topic", hasValue: true, value: "work" }] },
      { kind: "worker", turns: [{ intent: "work_stress", words: "我在[北京](place)上班\n", marks: [] }] },
      { kind: "said", words: "嗯。" },
    ]);
    const rule = itemAt(MIXED, 2);
    expect([rule.kind, rule.isAtStart, rule.isWaiting]).toEqual(["rule", true, false]);
    expect(rule.condition.steps.map(({ step }) => step)).toEqual([{ kind: "loop", form: null }, { kind: "slots", slots: [{ name: "topic", hasValue: false, value: null }] }]);
    expect(stepsOf(MIXED, 3)).toEqual([said("deny"), bot("utter_ok")]);
    expect([itemAt(MIXED, 0).comment, itemAt(MIXED, 0).steps.steps[0]?.comment, itemAt(MIXED, 0).steps.steps[0]?.beside]).toEqual(["a greeting, with a form in it", "first words", "or a nod"]);
  });

  it("keeps the comment beside a step whose value changes, and changes that line alone", () => {
    const after = setStep(MIXED, at(0, 0), said("goodbye"));
    expect(changedLines(MIXED, after)).toEqual({ gone: ["  - intent: greet  # or a nod"], came: ["  - intent: goodbye # or a nod"] });
  });

  it("keeps the comments inside a step where one of several things changes", () => {
    const either: Step = { kind: "worker", turns: [{ intent: "deny", words: null, marks: [] }, { intent: "thank", words: null, marks: [{ entity: "feeling", hasValue: true, value: "困", rest: {} }] }] };
    const { came } = changedLines(MIXED, setStep(MIXED, at(0, 2), either));
    expect(came.join("\n")).toContain("- intent: deny\n    # rarely\n    - intent: thank\n      entities:\n      - feeling: 困");
    const slots: Step = { kind: "slots", slots: [{ name: "topic", hasValue: true, value: "work" }, { name: "depth", hasValue: true, value: 4 }] };
    expect(source(setStep(MIXED, at(0, 3), slots), 0)).toContain("  - slot_was_set:\n    - topic: work # told before\n    - depth: 4\n  - active_loop: exercise_form");
  });

  it("turns one intent into several and back, its entities and comments with it", () => {
    const [, , either] = stepsOf(MIXED, 0);
    const one = setStep(MIXED, at(0, 2), said("thank"));
    expect(source(one, 0)).toContain("  - action: utter_greet\n  # rarely\n  - intent: thank\n  - slot_was_set:".replace("  # rarely\n", ""));
    expect(stepsOf(setStep(one, at(0, 2), either ?? said("x")), 0)[2]).toEqual(either);
    const two: Step = { kind: "worker", turns: [{ intent: "greet", words: null, marks: [] }, { intent: "help", words: null, marks: [] }] };
    expect(source(setStep(MIXED, at(0, 0), two), 0)).toContain("  # first words\n  - or:\n    - intent: greet # or a nod\n    - intent: help\n  - action: utter_greet");
  });

  it("writes each kind of step as Rasa's files have it", () => {
    const steps: Step[] = [
      { kind: "worker", turns: [{ intent: "greet", words: "你好: [小王](person)", marks: [{ entity: "person", hasValue: true, value: "小王", rest: { role: "boss" } }] }] },
      { kind: "loop", form: null }, { kind: "loop", form: "f" }, { kind: "checkpoint", name: "c", slots: [] }, { kind: "said", words: "yes" },
      { kind: "slots", slots: [{ name: "a", hasValue: true, value: null }, { name: "b", hasValue: true, value: "true" }, { name: "c", hasValue: true, value: ["x", "y"] }] },
    ];
    const after = insertSteps(MIXED, at(3, 2), steps);
    expect(stepsOf(after, 3)).toEqual([said("deny"), bot("utter_ok"), ...steps]);
    expectOnlyItemChanged(MIXED, after, 3);
    expect(source(after, 3)).toContain("  - user: \"你好: [小王](person)\"\n    intent: greet\n    entities:\n    - person: 小王\n      role: boss\n  - active_loop: null\n");
  });

  it("adds the first words to a step of a test above its intent", () => {
    const step: Step = { kind: "worker", turns: [{ intent: "greet", words: "你好", marks: [] }] };
    expect(source(setStep(MIXED, at(0, 0), step), 0)).toContain("  - user: 你好\n    intent: greet # or a nod\n");
  });

  it("sets and takes away the conditions and switches of a rule, and nothing else of it", () => {
    expect(changedLines(MIXED, setFlag(MIXED, 2, "conversation_start", null))).toEqual({ gone: ["  conversation_start: true"], came: [] });
    expect(changedLines(MIXED, setFlag(MIXED, 2, "wait_for_user_input", null))).toEqual({ gone: ["  wait_for_user_input: false"], came: [] });
    const less = removeStep(MIXED, at(2, 0, "condition"));
    expect(changedLines(MIXED, less)).toEqual({ gone: ["  - active_loop: null"], came: [] });
    expect(changedLines(less, removeStep(less, at(2, 0, "condition")))).toEqual({ gone: ["  condition:", "  - slot_was_set:", "    - topic"], came: [] });
  });

  it("leaves a comment that belongs to nobody where it is", () => {
    expect(removeItem(MIXED, 1)).toContain("  - checkpoint: more\n\n# apart, belongs to nobody\n");
    expect(moveItem(MIXED, 0, 1)).toContain("  - bot: 嗯。\n\n# a greeting, with a form in it\n- story: 打招呼");
    expect(changedLines(MIXED, removeItem(MIXED, 3)).came).toEqual([]);
  });

  it("keeps the last of a list's steps and items as an empty list", () => {
    const one = removeStep(removeStep(MIXED, at(3, 0)), at(3, 0));
    expect(source(one, 3)).toBe("- rule: short\n  steps: []");
    expect(stepsOf(insertSteps(one, at(3, 0), [said("deny")]), 3)).toEqual([said("deny")]);
    const none = removeItem(removeItem(MIXED, 3), 2);
    expect(none).toContain("\nrules: []\n");
    expect(itemAt(addItem(none, "rule", "又一条", [said("greet")]), 2).name).toBe("又一条");
  });
});

describe("other ways to write", () => {
  it("two columns in, with Windows' line ends and no end of the last line", () => {
    const text = "stories:\r\n  - story: a\r\n    steps:\r\n      - intent: greet\r\n      - action: utter_greet";
    const after = insertSteps(text, at(0, 2), [{ kind: "slots", slots: [{ name: "x", hasValue: true, value: 1 }] }]);
    expect(after.startsWith(text)).toBe(true);
    expect(after.slice(text.length)).toBe("\r\n      - slot_was_set:\r\n          - x: 1");
    expect(stepsOf(setStep(text, at(0, 0), said("bye")), 0)).toEqual([said("bye"), bot("utter_greet")]);
    expect(stepsOf(addItem(text, "story", "b", [said("bye")]), 1)).toEqual([said("bye")]);
  });

  it("an item in one line is drawn, and written out when it changes", () => {
    const text = "stories:\n- {story: a, steps: [{intent: greet}]}\n- story: b\n  steps: []\n";
    const after = insertSteps(text, at(0, 1), [bot("utter_greet")]);
    expect(after).toBe("stories:\n- story: a\n  steps:\n  - {intent: greet}\n  - action: utter_greet\n- story: b\n  steps: []\n");
  });

  it("a file without the list, and an empty one, get it", () => {
    expect(addItem("", "rule", "一", [said("greet")])).toBe('version: "3.1"\n\nrules:\n- rule: 一\n  steps:\n  - intent: greet\n');
    const both = addItem('version: "3.1"\n\nstories:\n- story: a\n  steps: []\n', "rule", "一", []);
    expect(both).toBe('version: "3.1"\n\nstories:\n- story: a\n  steps: []\n\nrules:\n- rule: 一\n  steps: []\n');
    expect(parse(addItem("stories:\n", "story", "- a: #b", [])).items.map((item) => item.name)).toEqual(["- a: #b"]);
  });

  it("what the picture can't draw stays as it is", () => {
    const text = "stories:\n- story: a\n  steps:\n  - or:\n    - slot_was_set:\n      - a: 1\n    - intent: b\n  - hello\n  - intent: c\n    metadata: {x: 1}\n";
    expect(stepsOf(text, 0).map((step) => step.kind)).toEqual(["other", "other", "worker"]);
    expect(setStep(text, at(0, 2), said("d"))).toBe(text.replace("intent: c", "intent: d"));
    expect(() => setStep(text, at(0, 1), said("d"))).toThrow(EditRefused);
    const shared = "stories:\n- story: a\n  steps: &s\n  - intent: &i greet\n  - intent: *i\n";
    expect(stepsOf(shared, 0)).toEqual([said("greet"), said("greet")]);
  });

  it("a tests file's comment-like signs inside words are no comments", () => {
    const text = "stories:\n- story: a\n  steps:\n  - user: |\n      # 第一行\n      说完了\n\n  - intent: b\n";
    expect(stepsOf(text, 0)[0]).toEqual({ kind: "worker", turns: [{ intent: "", words: "# 第一行\n说完了\n", marks: [] }] });
    expect(removeStep(text, at(0, 1))).toBe("stories:\n- story: a\n  steps:\n  - user: |\n      # 第一行\n      说完了\n\n");
  });
});

describe("a text that is broken", () => {
  it.each([
    ["stories:\n- story: a\n  steps:\n  - intent: greet\n   - action: b\n", 5],
    ["stories:\n- story: a\n\tsteps: []\n", 3],
    ["stories:\n- story: \"a\n  steps: []\n", 4],
    ["stories:\n- story: a\n  story: b\n", 3],
    ["stories:\n- story: a\n  steps:\n  - intent: *x\n", 4],
    [`a: &a [${"x,".repeat(20)}]\nb: &b [${"*a,".repeat(20)}]\nstories:\n- story: a\n  steps:\n  - slot_was_set:\n    - t: [${"*b,".repeat(20)}]\n`, 1],
    ["stories: 3\n", 1],
    ["- a\n", 1],
    ["stories:\n- steps: []\n", 2],
  ])("%j says its line in Chinese", (text, line) => {
    const { troubles } = parse(text);
    expect(troubles[0]?.message).toMatch(/[\u4e00-\u9fff]/);
    expect(troubles[0]?.line).toBe(line);
  });

  it("can't be edited in the picture, nor can what isn't there", () => {
    expect(() => addItem("stories: [", "story", "a", [])).toThrow(EditRefused);
    expect(() => removeItem(MIXED, 9)).toThrow(EditRefused);
    expect(() => removeStep(MIXED, at(0, 40))).toThrow(EditRefused);
    expect(() => renameItem(MIXED, 0, "  ")).toThrow(EditRefused);
  });
});
