/** Rows and bubbles of the console as tests want them. */
import type { Bubble, Row } from "../src/console/protocol";

export const NOW_MS = Date.parse("2026-11-22T08:00:00Z");
export const secondsAgo = (seconds: number): string => new Date(NOW_MS - seconds * 1000).toISOString();

export function row(values: Partial<Row> = {}): Row {
  return {
    id: 1, conversation_id: "c1", nickname: "小雨", status: "waiting", is_live: true, reason: "asked_for_person", level: "none", rank: 3, topic: null,
    requested_at: secondsAgo(60), due_at: secondsAgo(-120), tier: 0, offered_to: null, offer_until: null, accepted_by: null, accepted_at: null,
    counsellor_name: null, worker_at: null, counsellor_at: null, unread: 0, has_open_alert: false, follow_up_overdue: false, ...values,
  };
}

export function bubble(id: number, values: Partial<Bubble> = {}): Bubble {
  return {
    case_id: 1, id, event: id * 10, author: "worker", name: null, text: `第 ${id} 句`, buttons: [], custom: null, created_at: secondsAgo(100 - id),
    external_id: null, delivered_at: null, level: null, ...values,
  };
}
