/**
 * The console's protocol, version 1: the same messages and fields as docs/console.md.
 * tests/web/test_console_protocol.py reads this file: one interface a message, one field a line.
 */
import type { Author, Card } from "../shared/protocol";
import type { Level, Me } from "../staff/protocol";

export type { Level, Me, Role, SignedIn, StaffSession } from "../staff/protocol";

export const PROTOCOL = 1;
export const MAX_TEXT_LENGTH = 4000;

export type Reason =
  | "imminent"
  | "high"
  | "watch_agreed"
  | "watch_review"
  | "asked_for_person"
  | "not_understood"
  | "transfer";
export type Status = "waiting" | "active" | "closed" | "gone";
export type Outcome = "talked" | "unreached" | "contact_told" | "emergency_called" | "hospital" | "reviewed";

export interface Row {
  id: number;
  conversation_id: string;
  nickname: string | null;
  status: Status;
  is_live: boolean;
  reason: Reason;
  level: Level;
  rank: number;
  topic: string | null;
  requested_at: string;
  due_at: string;
  tier: number;
  offered_to: string | null;
  offer_until: string | null;
  accepted_by: string | null;
  accepted_at: string | null;
  counsellor_name: string | null;
  worker_at: string | null;
  counsellor_at: string | null;
  unread: number;
  has_open_alert: boolean;
  follow_up_overdue: boolean;
}

/** A bubble of a case, without the `type` of its frame. */
export type Bubble = Omit<MessageFrame, "type">;

export interface Cue {
  name: string;
  words: string;
  message_id: number;
  created_at: string;
}

export interface Fact {
  text: string;
  message_id: number | null;
}

export const SAFETY_FACTS = ["intent", "plan", "means", "time", "place", "phone", "alone", "alcohol", "attempts"] as const;
export type SafetyFact = (typeof SAFETY_FACTS)[number];

/** Both ends included. */
export interface Band {
  from: number;
  to: number;
  label: string;
}

/** `value` is null where too much was left out. */
export interface ScreeningPoint {
  run_id: string;
  finished_at: string;
  value: number | null;
  lowest: number;
  highest: number;
  band: string | null;
  label: string | null;
  bands: Band[];
  is_invited: boolean;
  is_opened: boolean;
  is_overlapping: boolean;
}

export interface ScreeningLine {
  questionnaire: string;
  title: string;
  points: ScreeningPoint[];
  is_shared: boolean;
  is_higher_better: boolean;
}

export interface EarlierCase {
  id: number;
  requested_at: string;
  reason: Reason;
  level: Level;
  outcome: Outcome | null;
  counsellor_name: string | null;
}

export interface TimelineStep {
  step: string;
  who: string | null;
  other: string | null;
  level: Level;
  reason: string | null;
  created_at: string;
}

export interface Note {
  id: number;
  who: string;
  text: string;
  created_at: string;
}

export interface FollowUp {
  id: number;
  handoff_id: number | null;
  nickname: string | null;
  level: Level;
  due_at: string;
  is_overdue: boolean;
  assigned_to: string | null;
}

/** A task of this worker, open or done. */
export interface BriefTask {
  id: number;
  level: Level;
  due_at: string;
  is_overdue: boolean;
  assigned_to: string | null;
  done_at: string | null;
  outcome: string | null;
}

export interface Brief {
  row: Row;
  why: { reason: Reason; level: Level; cues: Cue[] };
  own_words: { first: Bubble | null; last: Bubble[] };
  topics: string[];
  screenings: ScreeningLine[];
  earlier: EarlierCase[];
  plan: Record<string, string[]>;
  offered: string[];
  safety: Record<SafetyFact, Fact | null>;
  contact: { is_named: boolean; may_use: boolean; relation?: string | null };
  consents: string[];
  timezone: string | null;
  local_time: string | null;
  is_abroad: boolean;
  timeline: TimelineStep[];
  notes: Note[];
  follow_ups: BriefTask[];
  now: string;
}

export interface Contact {
  name: string;
  relation: string;
  phone: string;
}

export interface Canned {
  id: string;
  title: string;
  group: string;
  text: string;
}

export interface Counsellor {
  id: string;
  shown_name: string;
  is_present: boolean;
  on_duty: boolean;
  load: number;
  capacity: number;
  skills: string[];
  gender: string | null;
}

/* From the page */

export interface HelloFrame {
  type: "hello";
  protocol: number;
  after: number;
}

export interface OpenFrame {
  type: "open";
  case_id: number;
  after: number;
}

export interface LeaveFrame {
  type: "leave";
  case_id: number;
}

export interface SayFrame {
  type: "say";
  external_id: string;
  case_id: number;
  text: string;
}

export interface PageTypingFrame {
  type: "typing";
  case_id: number;
  active: boolean;
}

export interface ReadFrame {
  type: "read";
  case_id: number;
  event: number;
}

export interface PresentFrame {
  type: "present";
  is_available: boolean;
}

export interface PingFrame {
  type: "ping";
}

export type PageFrame =
  | HelloFrame
  | OpenFrame
  | LeaveFrame
  | SayFrame
  | PageTypingFrame
  | ReadFrame
  | PresentFrame
  | PingFrame;

/* From the gateway */

export interface WelcomeFrame {
  type: "welcome";
  protocol: number;
  me: Me;
  event: number;
}

export interface QueueFrame {
  type: "queue";
  rows: Row[];
  now: string;
  event: number;
}

export interface RowFrame {
  type: "row";
  row: Row;
  now: string;
  event: number;
}

export interface AlertFrame {
  type: "alert";
  case_id: number;
  level: Level;
  reason: string;
  tier: number;
  created_at: string;
  event: number;
}

export interface OfferFrame {
  type: "offer";
  case_id: number;
  until: string;
}

export interface MessageFrame {
  type: "message";
  case_id: number;
  id: number;
  event: number;
  author: Author;
  name: string | null;
  text: string;
  buttons: string[];
  custom: Card | null;
  created_at: string;
  external_id: string | null;
  delivered_at: string | null;
  level: Level | null;
}

export interface DeliveredFrame {
  type: "delivered";
  case_id: number;
  message_ids: number[];
  at: string;
}

export interface SeenFrame {
  type: "seen";
  case_id: number;
  event: number;
}

export interface WorkerTypingFrame {
  type: "typing";
  case_id: number;
  active: boolean;
}

export interface StoredFrame {
  type: "stored";
  external_id: string;
  case_id: number;
  id: number;
  event: number;
}

export interface ErrorFrame {
  type: "error";
  code: string;
  message: string;
  external_id: string | null;
}

export interface EndedFrame {
  type: "ended";
}

export interface PongFrame {
  type: "pong";
}

export type GatewayFrame =
  | WelcomeFrame
  | QueueFrame
  | RowFrame
  | AlertFrame
  | OfferFrame
  | MessageFrame
  | DeliveredFrame
  | SeenFrame
  | WorkerTypingFrame
  | StoredFrame
  | ErrorFrame
  | EndedFrame
  | PongFrame;

const GATEWAY_TYPES = new Set([
  "welcome", "queue", "row", "alert", "offer", "message", "delivered", "seen", "typing", "stored", "error", "ended", "pong",
]);

/** The frame a text holds, or null when it is none of ours (a newer gateway may send more types). */
export function parseFrame(data: unknown): GatewayFrame | null {
  if (typeof data !== "string") return null;
  try {
    const frame = JSON.parse(data) as GatewayFrame | null;
    return frame !== null && typeof frame === "object" && GATEWAY_TYPES.has(frame.type) ? frame : null;
  } catch {
    return null;
  }
}
