/**
 * The worker's protocol, version 1: the same messages and fields as docs/protocol.md.
 * tests/web/test_protocol.py reads this file: one interface a message, one field a line.
 */

export const PROTOCOL = 1;
export const MAX_TEXT_LENGTH = 4000;

export type Author = "worker" | "bot" | "safety" | "counsellor" | "system";

export interface Notice {
  version: string;
  text: string[];
}

export interface BreathingPlan {
  kind: "breathing";
  inhale: number;
  hold: number;
  exhale: number;
  rest: number;
  rounds: number;
}

export interface HotlineCardLine {
  number: string;
  name: string;
  hours: string | null;
}

export interface HotlineList {
  kind: "hotlines";
  lines: HotlineCardLine[];
}

export interface PlanCardStep {
  title: string;
  answers: string[];
  lines?: HotlineCardLine[];
}

export interface SafetyPlan {
  kind: "safety_plan";
  title: string;
  note: string;
  steps: PlanCardStep[];
}

/** Both ends belong to the band. */
export interface DrawnBand {
  from: number;
  to: number;
  label: string;
}

export interface DrawnScale {
  id: string;
  title: string;
  value: number | null;
  lowest: number;
  highest: number;
  label: string | null;
  is_prorated: boolean;
  is_minimum: boolean;
  bands: DrawnBand[];
}

export interface ScreeningResult {
  kind: "screening_result";
  title: string;
  is_higher_better: boolean;
  scales: DrawnScale[];
}

export interface WaitingCard {
  kind: "waiting";
  place: number;
  level: "none" | "watch" | "high" | "imminent";
  on_duty: boolean;
  next_at: string | null;
  can_cancel: boolean;
}

/** The waiting ended without a human. */
export interface WaitingOverCard {
  kind: "waiting_over";
  lines: HotlineCardLine[];
}

export interface CounsellorCard {
  kind: "counsellor";
  name: string;
}

export interface RatingCard {
  kind: "rating";
  handoff_id: number;
  /** 1 to 3 once given, else 0. */
  faces: number;
}

export type Card =
  | BreathingPlan
  | HotlineList
  | SafetyPlan
  | ScreeningResult
  | WaitingCard
  | WaitingOverCard
  | CounsellorCard
  | RatingCard;

/* From the page */

export interface HelloFrame {
  type: "hello";
  protocol: number;
  after: number;
  timezone: string;
  token?: string;
}

export interface ConsentFrame {
  type: "consent";
  version: string;
  nickname?: string;
}

export interface TypedFrame {
  type: "message";
  external_id: string;
  text: string;
}

export interface ChoiceFrame {
  type: "choice";
  external_id: string;
  message_id: number;
  index: number;
}

export interface ScreeningFrame {
  type: "screening";
  external_id: string;
  questionnaire: string;
}

export interface WritingFrame {
  type: "typing";
  active: boolean;
}

/* thumbs down for one bubble of the program */
export interface FlagFrame {
  type: "flag";
  message_id: number;
}

export interface RateFrame {
  type: "rate";
  external_id: string;
  handoff_id: number;
  faces: number;
  text?: string;
}

export interface ReadFrame {
  type: "read";
  event: number;
}

export interface PingFrame {
  type: "ping";
}

export type PageFrame =
  | HelloFrame
  | ConsentFrame
  | TypedFrame
  | ChoiceFrame
  | ScreeningFrame
  | WritingFrame
  | RateFrame
  | FlagFrame
  | ReadFrame
  | PingFrame;

/* From the gateway */

export interface WelcomeFrame {
  type: "welcome";
  protocol: number;
  consent_required: boolean;
  notice: Notice;
  nickname: string | null;
  unread: number;
  resumed: boolean;
}

export interface MessageFrame {
  type: "message";
  id: number;
  event: number;
  author: Author;
  text: string;
  buttons: string[];
  custom: Card | null;
  created_at: string;
  external_id: string | null;
}

export interface StoredFrame {
  type: "stored";
  external_id: string;
  id: number;
  event: number;
}

export interface TypingFrame {
  type: "typing";
  active: boolean;
}

export interface FlaggedFrame {
  type: "flagged";
  message_id: number;
}

export interface RatedFrame {
  type: "rated";
  external_id: string;
  handoff_id: number;
}

export interface ReplayedFrame {
  type: "replayed";
  event: number;
}

export interface ErrorFrame {
  type: "error";
  code: ErrorCode;
  message: string;
  external_id: string | null;
}

export interface PongFrame {
  type: "pong";
}

export type GatewayFrame =
  | WelcomeFrame
  | MessageFrame
  | StoredFrame
  | TypingFrame
  | RatedFrame
  | FlaggedFrame
  | ReplayedFrame
  | ErrorFrame
  | PongFrame;

export const ERROR_CODES = [
  "bad_json",
  "unknown_type",
  "bad_field",
  "too_long",
  "empty",
  "rate_limited",
  "consent_required",
  "not_signed_in",
  "storage",
  "internal",
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

export const CLOSE_NOT_SIGNED_IN = 4401;
export const CLOSE_WRONG_ORIGIN = 4403;
export const CLOSE_NO_HELLO = 4408;
export const CLOSE_REPLACED = 4409;
export const CLOSE_OVERLOADED = 1013;

const GATEWAY_TYPES = new Set(["welcome", "message", "stored", "typing", "rated", "flagged", "replayed", "error", "pong"]);

/** The frame a text holds, or null when it is none of ours (a newer gateway may send more types). */
export function parseFrame(data: unknown): GatewayFrame | null {
  if (typeof data !== "string") return null;
  try {
    const frame = JSON.parse(data) as GatewayFrame | null;
    if (frame === null || typeof frame !== "object" || !GATEWAY_TYPES.has(frame.type)) return null;
    if (frame.type === "message") return withDefaults(frame);
    return frame;
  } catch {
    return null;
  }
}

function withDefaults(frame: MessageFrame): MessageFrame | null {
  if (!Number.isFinite(frame.id) || !Number.isFinite(frame.event)) return null;
  return {
    ...frame,
    text: typeof frame.text === "string" ? frame.text : "",
    buttons: Array.isArray(frame.buttons) ? frame.buttons : [],
    custom: frame.custom ?? null,
    external_id: frame.external_id ?? null,
  };
}

/** Characters as the gateway counts them (code points, not UTF-16 units). */
export function textLength(text: string): number {
  return Array.from(text).length;
}
