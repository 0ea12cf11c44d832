import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FIRST_WAIT_MS, LONGEST_WAIT_MS, waitBefore } from "../src/shared/backoff";
import { Connection, type ConnectionState } from "../src/shared/connection";
import { type GatewayFrame, type HelloFrame, parseFrame } from "../src/shared/protocol";
import { FakeSocket } from "./fake_socket";

const WELCOME = { type: "welcome", protocol: 1, consent_required: false, notice: { version: "1", text: [] }, nickname: null, unread: 0, resumed: false };

let sockets: FakeSocket[];
let states: ConnectionState[];
let frames: GatewayFrame[];
let signedOut: number;
let after: number;
let hello: () => Promise<HelloFrame>;
let connection: Connection;

const last = (): FakeSocket => sockets.at(-1) as FakeSocket;

beforeEach(() => {
  vi.useFakeTimers();
  sockets = [];
  states = [];
  frames = [];
  signedOut = 0;
  after = 0;
  hello = () => Promise.resolve({ type: "hello", protocol: 1, after, timezone: "Asia/Shanghai" });
  connection = new Connection({
    open: () => {
      sockets.push(new FakeSocket());
      return last();
    },
    hello: () => hello(),
    parse: parseFrame,
    onFrame: (frame) => frames.push(frame),
    onState: (state) => states.push(state),
    onSignedOut: () => {
      signedOut += 1;
    },
    random: () => 1,
  });
});
afterEach(() => {
  connection.stop();
  vi.useRealTimers();
});

async function online(): Promise<void> {
  connection.start();
  await vi.advanceTimersByTimeAsync(0);
  last().opens();
  last().hears(WELCOME);
}

describe("connecting", () => {
  it("says hello first and is online only when it is welcomed", async () => {
    connection.start();
    await vi.advanceTimersByTimeAsync(0);
    last().opens();
    expect(last().sent).toEqual([{ type: "hello", protocol: 1, after: 0, timezone: "Asia/Shanghai" }]);
    expect(connection.send({ type: "read", event: 1 })).toBe(false);
    last().hears(WELCOME);
    expect(states.at(-1)).toBe("online");
    expect(connection.send({ type: "read", event: 1 })).toBe(true);
  });

  it("comes back with the event it has seen", async () => {
    await online();
    after = 42;
    last().drops(1006);
    expect(states.at(-1)).toBe("retrying");
    await vi.advanceTimersByTimeAsync(FIRST_WAIT_MS);
    last().opens();
    expect(sockets).toHaveLength(2);
    expect(last().sent[0]).toMatchObject({ after: 42 });
  });

  it("waits longer after each failure and starts anew after a success", async () => {
    connection.start();
    await vi.advanceTimersByTimeAsync(0);
    last().drops(1006);
    await vi.advanceTimersByTimeAsync(FIRST_WAIT_MS);
    last().drops(1006);
    await vi.advanceTimersByTimeAsync(FIRST_WAIT_MS);
    expect(sockets).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(FIRST_WAIT_MS);
    expect(sockets).toHaveLength(3);
    last().opens();
    last().hears(WELCOME);
    last().drops(1006);
    await vi.advanceTimersByTimeAsync(FIRST_WAIT_MS);
    expect(sockets).toHaveLength(4);
  });

  it("tries again when a session cannot be fetched", async () => {
    const working = hello;
    hello = () => Promise.reject(new Error("offline"));
    connection.start();
    await vi.advanceTimersByTimeAsync(0);
    expect(sockets).toHaveLength(0);
    hello = working;
    await vi.advanceTimersByTimeAsync(FIRST_WAIT_MS);
    expect(sockets).toHaveLength(1);
  });

  it("gives up on a socket that never welcomes", async () => {
    connection.start();
    await vi.advanceTimersByTimeAsync(0);
    last().opens();
    await vi.advanceTimersByTimeAsync(15_000);
    expect(states.at(-1)).toBe("retrying");
    expect(last().isClosed).toBe(true);
  });

  it("goes at once when the page or the network comes back", async () => {
    await online();
    last().drops(1006);
    connection.wake();
    await vi.advanceTimersByTimeAsync(0);
    expect(sockets).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(FIRST_WAIT_MS);
    expect(sockets).toHaveLength(2);
  });
});

describe("a silent socket", () => {
  it("is asked, and kept when it answers", async () => {
    await online();
    await vi.advanceTimersByTimeAsync(25_000);
    expect(last().sent.at(-1)).toEqual({ type: "ping" });
    last().hears({ type: "pong" });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sockets).toHaveLength(1);
  });

  it("is replaced when it does not answer", async () => {
    await online();
    await vi.advanceTimersByTimeAsync(25_000 + 10_000 + FIRST_WAIT_MS);
    expect(sockets).toHaveLength(2);
    expect(sockets[0]?.isClosed).toBe(true);
  });
});

describe("close codes", () => {
  it("4409 stops: another window has the conversation", async () => {
    await online();
    last().drops(4409);
    expect(states.at(-1)).toBe("replaced");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets).toHaveLength(1);
    connection.start();
    await vi.advanceTimersByTimeAsync(0);
    expect(sockets).toHaveLength(2);
  });

  it("4403 stops: trying again changes nothing", async () => {
    await online();
    last().drops(4403);
    expect(states.at(-1)).toBe("refused");
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets).toHaveLength(1);
  });

  it("4401 forgets the session and tries with a new one, but not for ever", async () => {
    await online();
    for (let i = 0; i < 4; i += 1) {
      last().drops(4401);
      await vi.advanceTimersByTimeAsync(FIRST_WAIT_MS * 2 ** i);
    }
    expect(signedOut).toBe(4);
    expect(states.at(-1)).toBe("refused");
  });

  it("1013 comes back more slowly", async () => {
    await online();
    last().drops(1013);
    expect(states.at(-1)).toBe("busy");
    await vi.advanceTimersByTimeAsync(4_000);
    expect(sockets).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sockets).toHaveLength(2);
  });
});

it("frames that are none of ours are left alone", async () => {
  await online();
  last().onmessage?.({ data: "{broken" } as MessageEvent);
  last().hears({ type: "something_new" });
  last().hears({ type: "message", text: "没有编号" });
  expect(frames.map((frame) => frame.type)).toEqual(["welcome"]);
});

describe("waitBefore", () => {
  it("doubles up to the ceiling", () => {
    expect([0, 1, 2].map((n) => waitBefore(n, () => 1))).toEqual([800, 1600, 3200]);
    expect(waitBefore(50, () => 1)).toBe(LONGEST_WAIT_MS);
  });

  it("never falls below half, so that a broken gateway is not stormed", () => {
    expect(waitBefore(0, () => 0)).toBe(400);
  });
});
