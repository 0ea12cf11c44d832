import { describe, expect, it } from "vitest";
import { conflictsOf, differing, folded, linesOf, merged } from "../src/studio/changes/chunks";
import type { Chunk } from "../src/studio/protocol";

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
