import { describe, expect, it } from "vitest";
import { ApiError } from "../src/staff/api";
import { History } from "../src/studio/content/history";
import { PAUSE_MS, Saver, type Saving } from "../src/studio/content/saving";
import { changeBetween } from "../src/studio/parts/yaml_change";

/** A gateway that answers when told to, and a clock that passes when told to. */
function desk() {
  const calls: { text: string; digest: string; answer: (digest: string) => void; refuse: (error: unknown) => void }[] = [];
  const told: Saving[] = [];
  let timer: { act: () => void; ms: number } | null = null;
  const saver = new Saver(
    "d0",
    (text, digest) => new Promise((answer, refuse) => calls.push({ text, digest, answer, refuse })),
    (saving) => told.push(saving),
    (act, ms) => {
      const mine = { act, ms };
      timer = mine;
      return () => {
        if (timer === mine) timer = null;
      };
    },
  );
  const pass = async (): Promise<number | null> => {
    const due = timer;
    timer = null;
    due?.act();
    await settled();
    return due?.ms ?? null;
  };
  return { saver, calls, told, pass, states: () => told.map(({ state }) => state) };
}
const settled = (): Promise<void> => new Promise((done) => setImmediate(done));

describe("a text saved as it is written", () => {
  it("goes out once after a pause, however often it changed", async () => {
    const { saver, calls, pass, states } = desk();
    saver.want("a");
    saver.want("ab");
    expect(calls).toHaveLength(0);
    expect(await pass()).toBe(PAUSE_MS);
    expect(calls.map(({ text, digest }) => [text, digest])).toEqual([["ab", "d0"]]);
    expect(saver.isUnsaved).toBe(true);
    calls[0]?.answer("d1");
    await settled();
    expect(states()).toEqual(["waiting", "waiting", "saving", "saved"]);
    expect(saver.isUnsaved).toBe(false);
  });

  it("is never under way twice: what is written meanwhile follows, made from the new digest", async () => {
    const { saver, calls, pass } = desk();
    saver.want("a");
    await pass();
    saver.want("b");
    void pass();
    await settled();
    expect(calls).toHaveLength(1);
    calls[0]?.answer("d1");
    await settled();
    await pass();
    expect(calls.map(({ text, digest }) => [text, digest])).toEqual([["a", "d0"], ["b", "d1"]]);
  });

  it("is tried again by itself when no answer came, not when it was refused", async () => {
    const { saver, calls, told, pass } = desk();
    saver.want("a");
    await pass();
    calls[0]?.refuse(new ApiError(0, "away", "没连上"));
    await settled();
    expect([told[told.length - 1]?.state, saver.isUnsaved]).toEqual(["failed", true]);
    await pass();
    calls[1]?.refuse(new ApiError(422, "incomplete", "第 3 行缩进不对。"));
    await settled();
    expect(told[told.length - 1]).toEqual({ state: "refused", problem: "第 3 行缩进不对。", conflict: null });
    expect(await pass()).toBeNull();
    expect(calls).toHaveLength(2);
  });

  it("stops where somebody else wrote it meanwhile, until a person has put both together", async () => {
    const { saver, calls, told, pass } = desk();
    saver.want("a");
    await pass();
    calls[0]?.refuse(new ApiError(409, "edited_meanwhile", "别人也改了。", [], { path: "p", theirs: "t" }));
    await settled();
    expect(told[told.length - 1]).toEqual({ state: "conflict", problem: "别人也改了。", conflict: { path: "p", theirs: "t" } });
    saver.want("ab");
    await saver.flush();
    expect(calls).toHaveLength(1);
    saver.goOnFrom("d9");
    saver.want("merged");
    await pass();
    expect([calls[1]?.text, calls[1]?.digest]).toEqual(["merged", "d9"]);
  });

  it("that is broken is held back and counts as unsaved, even while an older one is under way", async () => {
    const { saver, calls, pass, states } = desk();
    saver.want("a");
    await pass();
    saver.hold();
    calls[0]?.answer("d1");
    await settled();
    expect(states()[states().length - 1]).toBe("held");
    expect([await pass(), saver.isUnsaved]).toEqual([null, true]);
  });
});

describe("the way back", () => {
  it("goes through every edit and forth again, until something new is written", () => {
    const history = new History("0");
    history.put("1");
    history.put("2");
    history.put("2");
    expect([history.undo(), history.undo(), history.undo(), history.canUndo]).toEqual(["1", "0", "0", false]);
    expect(history.redo()).toBe("1");
    history.put("x");
    expect([history.canRedo, history.redo(), history.undo()]).toEqual([false, "x", "1"]);
  });

  it("takes what was typed in one go as one", () => {
    const history = new History("");
    history.put("a", 1000);
    history.put("ab", 1500);
    history.put("abc", 2000);
    history.put("abc d", 9000);
    expect([history.undo(), history.undo()]).toEqual(["abc", ""]);
  });
});

describe("what changed in the editor", () => {
  it.each([["abc", "abXc"], ["aaaa", "aaa"], ["", "x"], ["x", ""], ["行一\n行二\n", "行一\n行三\n"], ["same", "same"], ["abab", "abxab"]])("from %j to %j is one stretch", (before, after) => {
    const { from, to, insert } = changeBetween(before, after);
    expect(before.slice(0, from) + insert + before.slice(to)).toBe(after);
    expect(to - from + insert.length).toBeLessThanOrEqual(Math.abs(before.length - after.length) + 2);
  });
});
