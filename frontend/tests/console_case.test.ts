import { describe, expect, it } from "vitest";
import { AlertMemory } from "../src/console/alerts";
import { deliveryOf, lastEvent, markDelivered, newCase, storedNow, takeBubbles } from "../src/console/case";
import { Drafts } from "../src/console/drafts";
import { bubble } from "./console_rows";

class Storage {
  readonly kept = new Map<string, string>();
  getItem = (key: string): string | null => this.kept.get(key) ?? null;
  setItem = (key: string, value: string): void => {
    this.kept.set(key, value);
  };
}

describe("the bubbles of a case", () => {
  it("stand once each in the order of events, whatever order they come in", () => {
    const one = newCase(1, null);
    takeBubbles(one, [bubble(3), bubble(1)]);
    takeBubbles(one, [bubble(2), bubble(3)]);
    expect(one.bubbles.map((each) => each.id)).toEqual([1, 2, 3]);
    expect(lastEvent(one)).toBe(30);
  });

  it("take the place of what was on its way", () => {
    const one = newCase(1, null);
    one.outbox = [{ external_id: "x", text: "在的", created_at: "2026-11-22T08:00:00Z", problem: null }];
    storedNow(one, "x", 5, 50, "林医生");
    storedNow(one, "x", 5, 50, "林医生");
    takeBubbles(one, [bubble(5, { author: "counsellor", external_id: "x", text: "在的" })]);
    expect(one.outbox).toEqual([]);
    expect(one.bubbles.map((each) => each.text)).toEqual(["在的"]);
  });

  it("tell how far they came", () => {
    const one = newCase(1, null);
    takeBubbles(one, [bubble(1, { author: "counsellor" }), bubble(2, { author: "counsellor" })]);
    const states = (): string[] => one.bubbles.map((each) => deliveryOf(one, each));
    expect(states()).toEqual(["stored", "stored"]);
    markDelivered(one, [1, 2], "2026-11-22T08:00:01Z");
    one.seenEvent = 10;
    expect(states()).toEqual(["seen", "delivered"]);
  });
});

describe("what outlives a reload", () => {
  it("is the account's own drafts, tabs and unsent bubbles, for no other account", () => {
    const storage = new Storage();
    const before = new Drafts("a1", storage);
    before.put(7, "写到一半");
    before.tabs = [7, 9];
    before.sending({ type: "say", external_id: "x", case_id: 7, text: "在吗" });
    before.sending({ type: "say", external_id: "y", case_id: 7, text: "好" });
    before.sent("x");
    const after = new Drafts("a1", storage);
    expect([after.of(7), after.tabs, after.unsent.map((frame) => frame.external_id)]).toEqual(["写到一半", [7, 9], ["y"]]);
    const other = new Drafts("a2", storage);
    expect([other.of(7), other.tabs, other.unsent]).toEqual(["", [], []]);
  });

  it("is no broken storage", () => {
    const storage = new Storage();
    storage.setItem("xinyi.console.drafts", "{");
    expect(new Drafts("a1", storage).of(7)).toBe("");
  });

  it("is the memory of alerts: each is told once, also after a reload", () => {
    const storage = new Storage();
    const memory = new AlertMemory("a1", storage);
    expect([memory.isNew(12), memory.isNew(12), memory.isNew(11)]).toEqual([true, false, true]);
    const again = new AlertMemory("a1", storage);
    expect([again.after, again.isNew(11), again.isNew(13)]).toEqual([12, false, true]);
    expect(new AlertMemory("a2", storage).isNew(12)).toBe(true);
  });
});
