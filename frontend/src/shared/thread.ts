/** The thread as this page knows it: stored messages, what is still on its way, and how far we have read. */
import { humanOf } from "./presence";
import type { ErrorFrame, MessageFrame, PageFrame, StoredFrame } from "./protocol";

/**
 * waiting: not yet given to a socket; sending: given, not yet answered; held: the gateway wants consent
 * first; failed: refused or unanswered, the worker decides.
 */
export type Delivery = "waiting" | "sending" | "held" | "failed";

/** What a button stands for: one of a message's, or 开始 of a questionnaire. */
export type Choice = { message_id: number; index: number } | { questionnaire: string };

export interface Outgoing {
  external_id: string;
  text: string;
  choice: Choice | null;
  created_at: string;
  delivery: Delivery;
  problem: string | null;
  can_retry: boolean;
  sent_at_ms: number;
}

/** After this long without `stored` a message counts as failed; trying again is harmless. */
export const ANSWER_TIMEOUT_MS = 20_000;

const RETRY_CODES = new Set(["rate_limited", "storage", "internal"]);
const DELIVERY_AFTER: Partial<Record<string, Delivery>> = { consent_required: "held", not_signed_in: "waiting" };

const PLAIN_WORDS: Record<string, string> = {
  rate_limited: "发得有点快，歇几秒再试。",
  storage: "服务器这会儿没存上，再试一次。",
  too_long: "这条太长了，分成两条发吧。",
  empty: "这条是空的。",
};

export class Thread {
  lines: MessageFrame[] = [];
  outbox: Outgoing[] = [];
  /** The highest event it is safe to name in `hello.after`. */
  after = 0;
  isReplayed = false;
  private highest = 0;

  /** A new socket: what was under way may be lost, and the replay has to be completed again. */
  disconnected(): void {
    this.isReplayed = false;
    for (const item of this.outbox) if (item.delivery === "sending") item.delivery = "waiting";
  }

  /** Another session: its messages are not ours, but what the worker has not yet sent stays. */
  startOver(): void {
    this.lines = [];
    this.after = 0;
    this.highest = 0;
    this.isReplayed = false;
    this.outbox = this.outbox.filter((item) => item.choice === null);
    for (const item of this.outbox) if (item.delivery !== "failed") item.delivery = "waiting";
  }

  clear(): void {
    this.outbox = [];
    this.startOver();
  }

  /** Takes a message, new or replayed; true when the page had not seen it. */
  receive(frame: MessageFrame): boolean {
    this.highest = Math.max(this.highest, frame.event);
    // During a replay a live message may overtake older ones: naming it in `after` would lose those.
    if (this.isReplayed) this.after = this.highest;
    if (frame.external_id !== null) this.drop(frame.external_id);
    return this.insert(frame);
  }

  replayed(event: number): void {
    this.isReplayed = true;
    this.highest = Math.max(this.highest, event);
    this.after = this.highest;
  }

  /** The gateway has the worker's message. `after` does not move: an older event may still be unread. */
  stored(frame: StoredFrame): void {
    const item = this.find(frame.external_id);
    if (item === undefined) return;
    this.drop(frame.external_id);
    this.insert({
      type: "message",
      id: frame.id,
      event: frame.event,
      author: "worker",
      text: item.text,
      buttons: [],
      custom: null,
      created_at: item.created_at,
      external_id: item.external_id,
    });
  }

  /** True when the error was about one of our messages. */
  refused(frame: ErrorFrame): boolean {
    const item = frame.external_id === null ? undefined : this.find(frame.external_id);
    if (item === undefined) return false;
    item.delivery = DELIVERY_AFTER[frame.code] ?? "failed";
    item.problem = frame.message || PLAIN_WORDS[frame.code] || "没发出去。";
    item.can_retry = RETRY_CODES.has(frame.code);
    return true;
  }

  add(external_id: string, text: string, created_at: string, choice: Choice | null = null): void {
    this.outbox.push({
      external_id,
      text,
      choice,
      created_at,
      delivery: "waiting",
      problem: null,
      can_retry: true,
      sent_at_ms: 0,
    });
  }

  retry(external_id: string): void {
    const item = this.find(external_id);
    if (item === undefined || item.delivery === "sending") return;
    item.delivery = "waiting";
    item.problem = null;
  }

  /** Takes a message back out, for editing; its text, or null when it has gone meanwhile. */
  take(external_id: string): string | null {
    const item = this.find(external_id);
    this.drop(external_id);
    return item?.text ?? null;
  }

  /** After consent what was held goes out again. */
  release(): void {
    for (const item of this.outbox) {
      if (item.delivery !== "held") continue;
      item.delivery = "waiting";
      item.problem = null;
    }
  }

  get hasHeld(): boolean {
    return this.outbox.some((item) => item.delivery === "held");
  }

  /** Hands every waiting message to `send`, oldest first; stops where `send` says the socket is gone. */
  flush(send: (frame: PageFrame) => boolean, nowMs: number): void {
    for (const item of this.outbox) {
      if (item.delivery !== "waiting") continue;
      if (!send(frameOf(item))) return;
      item.delivery = "sending";
      item.sent_at_ms = nowMs;
    }
  }

  /** Marks what has had no answer for too long. */
  expire(nowMs: number): void {
    for (const item of this.outbox) {
      if (item.delivery !== "sending" || nowMs - item.sent_at_ms < ANSWER_TIMEOUT_MS) continue;
      item.delivery = "failed";
      item.can_retry = true;
      item.problem = "没有收到回音，可能没送到。再试一次不会重复。";
    }
  }

  /** The message whose buttons may still be pressed: the latest with buttons, nothing said since. */
  get answerable(): number | null {
    if (this.outbox.length > 0) return null;
    for (let i = this.lines.length - 1; i >= 0; i -= 1) {
      const line = this.lines[i];
      if (line === undefined || line.author === "worker") return null;
      if (line.buttons.length > 0) return line.id;
    }
    return null;
  }

  /** The counsellor who leads now, or null. */
  get human(): string | null {
    return humanOf(this.lines);
  }

  private find(external_id: string): Outgoing | undefined {
    return this.outbox.find((item) => item.external_id === external_id);
  }

  private drop(external_id: string): void {
    const at = this.outbox.findIndex((item) => item.external_id === external_id);
    if (at >= 0) this.outbox.splice(at, 1);
  }

  /** Keeps `lines` ordered by id and each id once; a later event replaces an earlier one. */
  private insert(frame: MessageFrame): boolean {
    let at = this.lines.length;
    while (at > 0 && (this.lines[at - 1]?.id ?? 0) > frame.id) at -= 1;
    const before = this.lines[at - 1];
    if (before?.id === frame.id) {
      if (frame.event >= before.event) this.lines[at - 1] = frame;
      return false;
    }
    this.lines.splice(at, 0, frame);
    return true;
  }
}

function frameOf(item: Outgoing): PageFrame {
  if (item.choice === null) return { type: "message", external_id: item.external_id, text: item.text };
  const { external_id } = item;
  if ("index" in item.choice) return { type: "choice", external_id, ...item.choice };
  return { type: "screening", external_id, ...item.choice };
}
