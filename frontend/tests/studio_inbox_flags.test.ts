import { describe, expect, it } from "vitest";
import { flaggable } from "../src/widget/mine/flaggable";
import type { Author, MessageFrame } from "../src/shared/protocol";

const line = (id: number, author: Author): MessageFrame => ({
  type: "message", id, event: id, author, text: "嗯", buttons: [], custom: null, created_at: "2026-11-30T08:00:00Z", external_id: null,
});
const thread = (...authors: Author[]): MessageFrame[] => authors.map((author, place) => line(place + 1, author));

describe("没说到点上", () => {
  it("stands below the newest bubble of an answer", () => {
    expect(flaggable(thread("worker", "bot"))).toBe(2);
    expect(flaggable(thread("worker", "bot", "bot"))).toBe(3);
  });

  it("never beside a safety text, a person's words, or what follows them", () => {
    expect(flaggable(thread("worker", "safety"))).toBeNull();
    expect(flaggable(thread("worker", "safety", "bot"))).toBeNull();
    expect(flaggable(thread("worker", "counsellor"))).toBeNull();
    expect(flaggable(thread("worker", "bot", "system"))).toBeNull();
  });

  it("not on what answers nobody, and not while the worker's words wait for an answer", () => {
    expect(flaggable(thread("bot"))).toBeNull();
    expect(flaggable(thread("worker", "bot", "worker"))).toBeNull();
    expect(flaggable([])).toBeNull();
  });
});
