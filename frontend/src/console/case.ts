/** One open case as this page knows it: its bubbles, what is still on its way, the brief; pure. */
import type { Brief, Bubble, Row } from "./protocol";

export interface Outgoing {
  external_id: string;
  text: string;
  created_at: string;
  /** What the gateway said against it; null while it is on its way. */
  problem: string | null;
}

export interface Case {
  id: number;
  row: Row | null;
  bubbles: Bubble[];
  hasMore: boolean;
  outbox: Outgoing[];
  brief: Brief | null;
  isLoading: boolean;
  problem: string | null;
  /** The gateway wants to know why this case is opened. */
  needsReason: boolean;
  reason: string | null;
  isWorkerTyping: boolean;
  /** The worker has read up to this event. */
  seenEvent: number;
  readEvent: number;
}

export function newCase(id: number, row: Row | null): Case {
  return {
    id, row, bubbles: [], hasMore: false, outbox: [], brief: null, isLoading: false, problem: null, needsReason: false,
    reason: null, isWorkerTyping: false, seenEvent: 0, readEvent: 0,
  };
}

/** Takes bubbles, new, older or sent again, each once and in the order of their events; what was on its way is stored now. */
export function takeBubbles(one: Case, bubbles: readonly Bubble[]): void {
  const byId = new Map(one.bubbles.map((bubble) => [bubble.id, bubble]));
  for (const bubble of bubbles) byId.set(bubble.id, { ...byId.get(bubble.id), ...bubble });
  one.bubbles = [...byId.values()].sort((a, b) => a.event - b.event || a.id - b.id);
  const stored = new Set(bubbles.map((bubble) => bubble.external_id));
  one.outbox = one.outbox.filter((item) => !stored.has(item.external_id));
}

export function lastEvent(one: Case): number {
  return one.bubbles.reduce((highest, bubble) => Math.max(highest, bubble.event), 0);
}

export function markDelivered(one: Case, messageIds: readonly number[], at: string): void {
  const ids = new Set(messageIds);
  one.bubbles = one.bubbles.map((bubble) => (ids.has(bubble.id) ? { ...bubble, delivered_at: at } : bubble));
}

/** How far one of the counsellor's bubbles has come. */
export function deliveryOf(one: Case, bubble: Bubble): "stored" | "delivered" | "seen" {
  if (bubble.event <= one.seenEvent) return "seen";
  return bubble.delivered_at === null ? "stored" : "delivered";
}

/** The gateway has a bubble of ours that it does not send back to this page: shown from what we sent. */
export function storedNow(one: Case, externalId: string, id: number, event: number, name: string): void {
  const item = one.outbox.find((each) => each.external_id === externalId);
  if (item === undefined) return;
  takeBubbles(one, [
    {
      case_id: one.id, id, event, author: "counsellor", name, text: item.text, buttons: [], custom: null,
      created_at: item.created_at, external_id: externalId, delivered_at: null, level: null,
    },
  ]);
}
