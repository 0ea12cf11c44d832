import { beforeEach, describe, expect, it } from "vitest";
import type { Author, MessageFrame, PageFrame } from "../src/shared/protocol";
import { ANSWER_TIMEOUT_MS, Thread } from "../src/shared/thread";

const AT = "2026-11-22T08:00:00Z";

function message(id: number, event: number, extra: Partial<MessageFrame> = {}): MessageFrame {
  const author: Author = "bot";
  return { type: "message", id, event, author, text: `第${id}句`, buttons: [], custom: null, created_at: AT, external_id: null, ...extra };
}

function error(code: string, external_id: string | null, text = "说明"): Parameters<Thread["refused"]>[0] {
  return { type: "error", code: code as "storage", message: text, external_id };
}

let thread: Thread;
let sent: PageFrame[];
const send = (frame: PageFrame): boolean => {
  sent.push(frame);
  return true;
};

beforeEach(() => {
  thread = new Thread();
  sent = [];
});

describe("receiving", () => {
  it("shows a message once, however often it is replayed", () => {
    expect(thread.receive(message(1, 1))).toBe(true);
    expect(thread.receive(message(1, 1))).toBe(false);
    expect(thread.lines).toHaveLength(1);
  });

  it("keeps the order of ids when messages come late", () => {
    for (const id of [3, 1, 2]) thread.receive(message(id, id));
    expect(thread.lines.map((line) => line.id)).toEqual([1, 2, 3]);
  });

  it("takes a later change of the same message and ignores an older one", () => {
    thread.receive(message(1, 5, { text: "新" }));
    thread.receive(message(1, 4, { text: "旧" }));
    expect(thread.lines[0]?.text).toBe("新");
    thread.receive(message(1, 6, { text: "更新" }));
    expect(thread.lines[0]?.text).toBe("更新");
  });

  it("does not move `after` before the replay is complete", () => {
    thread.receive(message(50, 50));
    expect(thread.after).toBe(0);
    thread.replayed(40);
    expect(thread.after).toBe(50);
    thread.receive(message(51, 51));
    expect(thread.after).toBe(51);
  });

  it("does not move `after` during the replay that follows a reconnect", () => {
    thread.replayed(10);
    thread.disconnected();
    thread.receive(message(30, 30));
    expect(thread.after).toBe(10);
  });

  it("does not move `after` on `stored`", () => {
    thread.replayed(3);
    thread.add("a", "在吗", AT);
    thread.flush(send, 0);
    thread.stored({ type: "stored", external_id: "a", id: 9, event: 9 });
    expect(thread.after).toBe(3);
  });
});

describe("sending", () => {
  it("becomes a line of the thread once it is stored, and the echo adds nothing", () => {
    thread.add("a", "睡不着", AT);
    thread.flush(send, 0);
    expect(sent).toEqual([{ type: "message", external_id: "a", text: "睡不着" }]);
    expect(thread.outbox[0]?.delivery).toBe("sending");
    thread.stored({ type: "stored", external_id: "a", id: 4, event: 7 });
    thread.receive(message(4, 7, { author: "worker", text: "睡不着", external_id: "a" }));
    expect(thread.outbox).toEqual([]);
    expect(thread.lines).toHaveLength(1);
  });

  it("is not sent twice over one socket", () => {
    thread.add("a", "喂", AT);
    thread.flush(send, 0);
    thread.flush(send, 0);
    expect(sent).toHaveLength(1);
  });

  it("goes out again with the same external_id after the connection was lost", () => {
    thread.add("a", "喂", AT);
    thread.flush(send, 0);
    thread.disconnected();
    expect(thread.outbox[0]?.delivery).toBe("waiting");
    thread.flush(send, 0);
    expect(sent.map((frame) => "external_id" in frame && frame.external_id)).toEqual(["a", "a"]);
  });

  it("stays waiting when there is no socket", () => {
    thread.add("a", "喂", AT);
    thread.flush(() => false, 0);
    expect(thread.outbox[0]?.delivery).toBe("waiting");
  });

  it("is recognised in a replay when its `stored` was lost", () => {
    thread.add("a", "喂", AT);
    thread.flush(send, 0);
    thread.disconnected();
    thread.receive(message(4, 7, { author: "worker", text: "喂", external_id: "a" }));
    expect(thread.outbox).toEqual([]);
    expect(thread.lines).toHaveLength(1);
  });

  it("fails after a while without an answer and can be tried again", () => {
    thread.add("a", "喂", AT);
    thread.flush(send, 1_000);
    thread.expire(1_000 + ANSWER_TIMEOUT_MS - 1);
    expect(thread.outbox[0]?.delivery).toBe("sending");
    thread.expire(1_000 + ANSWER_TIMEOUT_MS);
    expect(thread.outbox[0]).toMatchObject({ delivery: "failed", can_retry: true });
    thread.retry("a");
    thread.flush(send, 0);
    expect(sent).toHaveLength(2);
  });

  it("counts as sent when the answer comes after it was given up", () => {
    thread.add("a", "喂", AT);
    thread.flush(send, 0);
    thread.expire(ANSWER_TIMEOUT_MS);
    thread.stored({ type: "stored", external_id: "a", id: 1, event: 1 });
    expect(thread.outbox).toEqual([]);
  });
});

describe("refusals", () => {
  beforeEach(() => {
    thread.add("a", "喂", AT);
    thread.flush(send, 0);
  });

  it.each(["rate_limited", "storage", "internal"])("%s may be tried again", (code) => {
    expect(thread.refused(error(code, "a"))).toBe(true);
    expect(thread.outbox[0]).toMatchObject({ delivery: "failed", can_retry: true, problem: "说明" });
  });

  it.each(["too_long", "empty", "bad_field"])("%s has to be changed first", (code) => {
    thread.refused(error(code, "a"));
    expect(thread.outbox[0]?.can_retry).toBe(false);
    expect(thread.take("a")).toBe("喂");
    expect(thread.outbox).toEqual([]);
  });

  it("holds the text until consent and sends it by itself afterwards", () => {
    thread.refused(error("consent_required", "a"));
    expect(thread.hasHeld).toBe(true);
    thread.flush(send, 0);
    expect(sent).toHaveLength(1);
    thread.release();
    thread.flush(send, 0);
    expect(sent).toHaveLength(2);
    expect(thread.hasHeld).toBe(false);
  });

  it("waits for the next session when this one is not signed in", () => {
    thread.refused(error("not_signed_in", "a"));
    expect(thread.outbox[0]?.delivery).toBe("waiting");
  });

  it("has words of its own when the gateway gives none", () => {
    thread.refused(error("rate_limited", "a", ""));
    expect(thread.outbox[0]?.problem).toContain("歇几秒");
  });

  it("that name no message of ours are not about the thread", () => {
    expect(thread.refused(error("internal", null))).toBe(false);
  });
});

describe("another session", () => {
  it("drops what belongs to the old one and keeps what was not yet sent", () => {
    thread.receive(message(1, 1));
    thread.replayed(1);
    thread.add("a", "还没发", AT);
    thread.add("b", "选项", AT, { message_id: 1, index: 0 });
    thread.startOver();
    expect(thread.lines).toEqual([]);
    expect(thread.after).toBe(0);
    expect(thread.outbox.map((item) => item.external_id)).toEqual(["a"]);
  });
});

describe("buttons", () => {
  const buttons = ["好", "不用"];

  it("may be pressed on the latest message that has any", () => {
    thread.receive(message(1, 1, { buttons }));
    thread.receive(message(2, 2));
    expect(thread.answerable).toBe(1);
    thread.receive(message(3, 3, { buttons }));
    expect(thread.answerable).toBe(3);
  });

  it("are gone once something was said, also while it is on its way", () => {
    thread.receive(message(1, 1, { buttons }));
    thread.add("a", "好", AT, { message_id: 1, index: 0 });
    expect(thread.answerable).toBeNull();
    thread.flush(send, 0);
    expect(sent).toEqual([{ type: "choice", external_id: "a", message_id: 1, index: 0 }]);
    thread.stored({ type: "stored", external_id: "a", id: 2, event: 2 });
    expect(thread.answerable).toBeNull();
  });
});
