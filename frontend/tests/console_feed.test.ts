import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Feed } from "../src/console/feed";
import type { GatewayFrame } from "../src/console/protocol";
import { bubble, NOW_MS, row } from "./console_rows";
import { FakeSocket } from "./fake_socket";

const NOW = new Date(NOW_MS).toISOString();
const ME = { id: "a1", name: "lin", shown_name: "林医生", role: "counsellor", is_available: true, capacity: 3 };

let sockets: FakeSocket[];
let frames: GatewayFrame[];
let ended: number;
let feed: Feed;

const last = (): FakeSocket => {
  const socket = sockets.at(-1);
  if (socket === undefined) throw new Error("no socket");
  return socket;
};
const sentOf = (type: string): object[] => last().sent.filter((frame) => (frame.type as string) === type);

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  frames = [];
  ended = 0;
  feed = new Feed({
    open: () => {
      sockets.push(new FakeSocket());
      return last();
    },
    onFrame: (frame) => frames.push(frame),
    onState: () => undefined,
    onEnded: () => {
      ended += 1;
    },
    random: () => 1,
  });
});
afterEach(() => {
  feed.stop();
  vi.useRealTimers();
});

async function welcomed(event = 100): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
  last().opens();
  last().hears({ type: "welcome", protocol: 1, me: ME, event });
}

async function again(): Promise<void> {
  last().drops(1006);
  await vi.advanceTimersByTimeAsync(2000);
  await welcomed(200);
}

describe("a console that was away", () => {
  it("names the last change it heard, not the event of the queue, so that no alert is skipped", async () => {
    feed.start(40);
    await welcomed();
    expect(last().sent[0]).toEqual({ type: "hello", protocol: 1, after: 40 });
    last().hears({ type: "queue", rows: [], now: NOW, event: 100 });
    last().hears({ type: "alert", case_id: 1, level: "high", reason: "high", tier: 0, created_at: NOW, event: 60 });
    await again();
    expect(last().sent[0]).toMatchObject({ after: 60 });
    last().hears({ type: "row", row: row(), now: NOW, event: 110 });
    await again();
    expect(last().sent[0]).toMatchObject({ after: 110 });
  });

  it("follows its cases from the last bubble of each", async () => {
    feed.start(0);
    await welcomed();
    feed.follow(1, 30);
    feed.follow(2, 0);
    feed.follow(3, 5);
    feed.leave(3);
    last().hears({ type: "message", ...bubble(9, { case_id: 1 }) });
    await again();
    expect(sentOf("open")).toEqual([
      { type: "open", case_id: 1, after: 90 },
      { type: "open", case_id: 2, after: 0 },
    ]);
  });

  it("sends again what the gateway has not stored, and only that", async () => {
    feed.start(0);
    const say = (external_id: string) => ({ type: "say" as const, external_id, case_id: 1, text: "在的" });
    feed.say(say("before"));
    await welcomed();
    feed.say(say("stored"));
    feed.say(say("lost"));
    feed.say(say("refused"));
    feed.say(say("busy"));
    last().hears({ type: "stored", external_id: "stored", case_id: 1, id: 5, event: 101 });
    last().hears({ type: "error", code: "forbidden", message: "不在你手上了。", external_id: "refused" });
    last().hears({ type: "error", code: "storage", message: "没存上。", external_id: "busy" });
    await again();
    expect(sentOf("say").map((frame) => (frame as { external_id: string }).external_id)).toEqual(["before", "lost", "busy"]);
  });

  it("stops and says so once when the session is over, by a frame or by a refused socket", async () => {
    feed.start(0);
    await welcomed();
    last().hears({ type: "ended" });
    await vi.advanceTimersByTimeAsync(60_000);
    expect([ended, sockets.length]).toEqual([1, 1]);
    feed.start(0);
    await vi.advanceTimersByTimeAsync(0);
    last().drops(4401);
    await vi.advanceTimersByTimeAsync(60_000);
    expect([ended, sockets.length]).toEqual([2, 2]);
  });

  it("forgets cases and unsent bubbles of another account", async () => {
    feed.start(50);
    feed.follow(1, 10);
    feed.say({ type: "say", external_id: "x", case_id: 1, text: "在的" });
    feed.startOver();
    await welcomed();
    expect(last().sent.map((frame) => frame.type)).toEqual(["hello"]);
  });

  it("hears nothing of types it does not know", async () => {
    feed.start(0);
    await welcomed();
    last().hears({ type: "news" });
    last().hears({ type: "typing", case_id: 1, active: true });
    expect(frames.map((frame) => frame.type)).toEqual(["welcome", "typing"]);
  });
});
