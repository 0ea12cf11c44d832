import { describe, expect, it } from "vitest";
import { conflictsOf, differing, folded, linesOf, merged } from "../src/studio/changes/chunks";
import { undoOf } from "../src/studio/changes/editing";
import { course, whyNot, whyNotApprove } from "../src/studio/changes/words";
import type { ChangeSetRow, Chunk, Edit } from "../src/studio/protocol";

const same = (...lines: string[]): Chunk => ({ kind: "same", base: lines, ours: lines, theirs: lines });
const CONFLICT: Chunk = { kind: "conflict", base: ["b"], ours: ["我的1", "我的2"], theirs: ["对方"] };

describe("a file side by side", () => {
  it("numbers both sides by themselves and leaves out what only the other changed", () => {
    const lines = linesOf([
      same("a"), { kind: "ours", base: ["b"], ours: ["B", "新"], theirs: ["b"] }, { kind: "theirs", base: ["c"], ours: ["c"], theirs: ["C"] },
    ]);
    expect(lines.map((line) => [line.kind, line.left?.number, line.left?.text, line.right?.number, line.right?.text])).toEqual([
      ["same", 1, "a", 1, "a"], ["changed", 2, "b", 2, "B"], ["added", undefined, undefined, 3, "新"], ["same", 3, "c", 4, "c"],
    ]);
  });

  it("folds what did not change, but not a line or two", () => {
    const far = Array.from({ length: 20 }, (_each, at) => `l${at}`);
    const stretches = folded(linesOf([same(...far), { kind: "ours", base: [], ours: ["新"], theirs: [] }, same("x", "y", "z", "q")]));
    expect(stretches.map((stretch) => [stretch.folded, stretch.lines.length])).toEqual([[17, 17], [null, 7], [null, 1]]);
  });

  it("finds the part of a line that differs", () => {
    expect(differing("我睡不着觉", "我睡得着觉")).toEqual({ start: 2, oldEnd: 3, freshEnd: 3 });
    expect(differing("aa", "aaa")).toEqual({ start: 2, oldEnd: 2, freshEnd: 3 });
    expect(differing("", "新")).toEqual({ start: 0, oldEnd: 0, freshEnd: 1 });
  });
});

describe("three ways at once", () => {
  const chunks = [same("a"), CONFLICT, { kind: "theirs", base: ["c"], ours: ["c"], theirs: ["C"] } as Chunk, { kind: "both", base: ["d"], ours: ["D"], theirs: ["D"] } as Chunk];
  const choose = (side: "ours" | "theirs" | "both" | "own", own = "") => merged(chunks, new Map([[1, { side, own }]]));

  it("gives no text while one conflict is undecided", () => {
    expect(conflictsOf(chunks)).toEqual([1]);
    expect(merged(chunks, new Map())).toBeNull();
  });

  it("puts in what was chosen, and keeps what each side changed alone", () => {
    expect(choose("ours")).toBe("a\n我的1\n我的2\nC\nD\n");
    expect(choose("theirs")).toBe("a\n对方\nC\nD\n");
    expect(choose("both")).toBe("a\n我的1\n我的2\n对方\nC\nD\n");
    expect(choose("own", "自己写\n两行\n")).toBe("a\n自己写\n两行\nC\nD\n");
    expect(choose("own", "")).toBe("a\nC\nD\n");
  });
});

const ROW: ChangeSetRow = {
  id: 1, title: "t", author: "wu", state: "draft", is_clinical: false, note: "", created_at: "2026-11-30T01:00:00Z", updated_at: "2026-11-30T01:00:00Z", proposed_at: null,
  reviewed_by: null, reviewed_at: null, review_note: null, applied_by: null, applied_at: null, commit: null, is_mine: true, may: [],
};
const row = (values: Partial<ChangeSetRow>): ChangeSetRow => ({ ...ROW, ...values });

describe("what may not be done to a change set", () => {
  it("is nothing where the gateway names the deed", () => {
    expect(whyNot("apply", row({ state: "reviewed", may: ["apply"] }))).toBe("");
  });

  it("says what must happen before, or that it is another's", () => {
    expect(whyNot("apply", row({}))).toContain("先提交");
    expect(whyNot("apply", row({ state: "proposed" }))).toContain("通过以后");
    expect(whyNot("review", row({ state: "proposed" }))).toContain("另一个人");
    expect(whyNot("propose", row({ is_mine: false, author: "ji" }))).toContain("ji");
    expect(whyNot("withdraw", row({ state: "applied" }))).toContain("写进");
  });

  it("leaves clinical words to a clinician", () => {
    const clinical = row({ is_clinical: true, state: "proposed", may: ["review"] });
    expect([whyNotApprove(clinical, "clinician"), whyNotApprove(row({}), "trainer")]).toEqual(["", ""]);
    expect(whyNotApprove(clinical, "trainer")).toContain("临床");
  });
});

it("a change set tells what happened to it, oldest first, and whether it was passed or sent back", () => {
  const passed = row({ state: "reviewed", proposed_at: "2026-11-30T02:00:00Z", note: "看看", reviewed_by: "ji", reviewed_at: "2026-11-30T03:00:00Z", review_note: "好" });
  expect(course(passed).map((each) => [each.words, each.note])).toEqual([["wu新开", ""], ["wu提交", "看看"], ["ji通过", "好"]]);
  expect(course({ ...passed, state: "draft" }).at(-1)?.words).toBe("ji退回");
});

describe("an edit", () => {
  it("has a way back that undoes it, and going back and forth is the same edit", () => {
    const edits: Edit[] = [
      { edit: "add_examples", intent: "a", examples: ["x"] }, { edit: "move_examples", examples: ["x"], from: "a", to: "b" },
      { edit: "change_example", intent: "a", old: "x", new: "y" }, { edit: "rename_intent", intent: "a", to: "b" },
    ];
    for (const edit of edits) {
      const back = undoOf(edit);
      expect(back).not.toEqual(edit);
      expect(back === null ? null : undoOf(back)).toEqual(edit);
    }
  });

  it("that took a whole intent away has none", () => {
    expect(undoOf({ edit: "delete_intent", intent: "a" })).toBeNull();
  });
});
