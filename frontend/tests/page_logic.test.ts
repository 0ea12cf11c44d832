import { describe, expect, it } from "vitest";
import { breathAt, phasesOf } from "../src/shared/breath";
import { dayLabel, isApart, timeLabel } from "../src/shared/days";
import { newExternalId } from "../src/shared/external_id";
import { asFrameSignal, asHostSignal, frameAddress, hostOriginFrom } from "../src/shared/panel_messages";
import { type MessageFrame, parseFrame, textLength } from "../src/shared/protocol";
import { rowsOf } from "../src/shared/rows";
import { Thread } from "../src/shared/thread";

describe("a paced breath", () => {
  const plan = { kind: "breathing" as const, inhale: 4, hold: 2, exhale: 6, rest: 0, rounds: 2 };

  it("goes through its phases and leaves out what takes no time", () => {
    expect(phasesOf(plan)).toEqual(["inhale", "hold", "exhale"]);
    expect(breathAt(plan, 0)).toMatchObject({ phase: "inhale", left: 4, round: 1, fullness: 0 });
    expect(breathAt(plan, 4)).toMatchObject({ phase: "hold", left: 2, fullness: 1 });
    expect(breathAt(plan, 6)).toMatchObject({ phase: "exhale", left: 6 });
    expect(breathAt(plan, 12)).toMatchObject({ phase: "inhale", round: 2, progress: 0.5 });
  });

  it("ends, also when a plan holds no time at all", () => {
    expect(breathAt(plan, 24).isDone).toBe(true);
    expect(breathAt({ ...plan, inhale: 0, hold: 0, exhale: 0 }, 0).isDone).toBe(true);
  });

  it("fills and empties without a jump", () => {
    for (let t = 0; t < 23.9; t += 0.1) {
      expect(Math.abs(breathAt(plan, t + 0.1).fullness - breathAt(plan, t).fullness)).toBeLessThan(0.1);
    }
  });
});

describe("days", () => {
  const now = new Date(2026, 10, 22, 9, 5);

  it("are named as people do", () => {
    expect(dayLabel(new Date(2026, 10, 22, 0, 1), now)).toBe("今天");
    expect(dayLabel(new Date(2026, 10, 21, 23, 59), now)).toBe("昨天");
    expect(dayLabel(new Date(2026, 10, 3), now)).toBe("11月3日 星期二");
    expect(dayLabel(new Date(2025, 11, 31), now)).toBe("2025年12月31日");
  });

  it("times have two digits, and five minutes make another moment", () => {
    expect(timeLabel(now)).toBe("09:05");
    expect(isApart(now, new Date(2026, 10, 22, 9, 9))).toBe(false);
    expect(isApart(now, new Date(2026, 10, 22, 9, 11))).toBe(true);
  });
});

describe("rows", () => {
  const line = (id: number, author: MessageFrame["author"], created_at: string): MessageFrame => ({
    type: "message", id, event: id, author, text: "", buttons: [], custom: null, created_at, external_id: null,
  });
  const lines = [
    line(1, "bot", "2026-11-20T08:00:00Z"),
    line(2, "bot", "2026-11-20T08:01:00Z"),
    line(3, "worker", "2026-11-20T08:02:00Z"),
    line(4, "worker", "2026-11-22T08:02:00Z"),
  ];

  it("group one voice and part the days", () => {
    const rows = rowsOf(lines, [], 100);
    expect(rows.map((row) => row.startsGroup)).toEqual([true, false, true, true]);
    expect(rows.map((row) => row.endsGroup)).toEqual([false, true, true, true]);
    expect(rows.map((row) => row.startsDay)).toEqual([true, false, false, true]);
  });

  it("show the newest and everything under way", () => {
    const thread = new Thread();
    thread.add("x", "在路上", "2026-11-22T08:03:00Z");
    expect(rowsOf(lines, thread.outbox, 1).map((row) => row.key)).toEqual(["m4", "x"]);
  });
});

describe("signals between frame and host page", () => {
  it("carry a number and nothing else", () => {
    expect(asFrameSignal({ xinyi: "unread", count: 3, text: "机密" })).toEqual({ xinyi: "unread", count: 3 });
    expect(asFrameSignal({ xinyi: "unread", count: "3" })).toBeNull();
    expect(asFrameSignal({ xinyi: "unread", count: -1 })).toBeNull();
    expect(asFrameSignal("unread")).toBeNull();
    expect(asHostSignal({ xinyi: "shown" })).toEqual({ xinyi: "shown" });
    expect(asHostSignal({ xinyi: "say", text: "x" })).toBeNull();
  });

  it("name the host's origin, and only a plain one is taken", () => {
    const address = frameAddress("https://xinyi.example", "https://host.example:8443");
    expect(hostOriginFrom(new URL(address).hash)).toBe("https://host.example:8443");
    expect(hostOriginFrom("#host=*")).toBeNull();
    expect(hostOriginFrom("#host=https%3A%2F%2Fhost.example%2Fpath")).toBeNull();
    expect(hostOriginFrom("#host=javascript%3Aalert(1)")).toBeNull();
    expect(hostOriginFrom("")).toBeNull();
  });
});

it("external ids are UUIDs, also without randomUUID", () => {
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  expect(newExternalId()).toMatch(uuid);
  const original = crypto.randomUUID.bind(crypto);
  Object.defineProperty(crypto, "randomUUID", { value: undefined, configurable: true });
  expect(newExternalId()).toMatch(uuid);
  Object.defineProperty(crypto, "randomUUID", { value: original, configurable: true });
});

it("length is counted as the gateway does, in code points", () => {
  expect(textLength("好😀")).toBe(2);
});

it("missing optional fields of a message are filled in", () => {
  const frame = parseFrame('{"type":"message","id":1,"event":2,"author":"bot","text":"嗯","created_at":"2026-11-22T08:00:00Z"}');
  expect(frame).toMatchObject({ buttons: [], custom: null, external_id: null });
});
