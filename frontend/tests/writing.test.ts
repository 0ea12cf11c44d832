import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Writing } from "../src/shared/writing";

describe("telling that the worker writes", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function told(): { writing: Writing; said: boolean[] } {
    const said: boolean[] = [];
    return { writing: new Writing((active) => said.push(active)), said };
  }

  it("says it once for many keys, and again only while it goes on", () => {
    const { writing, said } = told();
    for (let i = 0; i < 10; i += 1) writing.changed(true);
    expect(said).toEqual([true]);
    for (let i = 0; i < 5; i += 1) {
      vi.advanceTimersByTime(2_000);
      writing.changed(true);
    }
    expect(said).toEqual([true, true]);
  });

  it("says that it stopped when the field is empty or still", () => {
    const { writing, said } = told();
    writing.changed(true);
    writing.changed(false);
    expect(said).toEqual([true, false]);
    writing.changed(true);
    vi.advanceTimersByTime(6_000);
    expect(said).toEqual([true, false, true, false]);
    vi.advanceTimersByTime(60_000);
    expect(said).toHaveLength(4);
  });

  it("says nothing of a field that was never written in", () => {
    const { writing, said } = told();
    writing.changed(false);
    writing.stop();
    expect(said).toEqual([]);
  });
});
