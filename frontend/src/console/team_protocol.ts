/** The answers of docs/console.md behind the pages for supervisors and administrators. */
import type { Counsellor, Level, Outcome, Role, Row } from "./protocol";

export interface LoadLine extends Pick<Counsellor, "id" | "shown_name" | "is_present" | "on_duty" | "load" | "capacity"> {
  /** Cases closed in the days asked for. */
  closed: number;
}

/** Seconds and the share (0 to 1) are null at a count of 0. */
export interface WaitFigures {
  count: number;
  p50_seconds: number | null;
  p95_seconds: number | null;
  inside_share: number | null;
}

export type WaitLine = WaitFigures & { level: Level };
export type DayLine = WaitFigures & { on_date: string };
export type Quality = "good" | "to_discuss";
export type Faces = 1 | 2 | 3;

export type PastRow = Row & { closed_at: string | null; outcome: Outcome | null };
export type SampledRow = PastRow & { quality: Quality | null };

export interface MarkLine {
  message_id: number;
  handoff_id: number | null;
  verdict: "missed" | "false_alarm";
  expected: Level;
  by: string;
  created_at: string;
}

export interface RatingLine {
  handoff_id: number;
  faces: Faces;
  text: string | null;
  rated_at: string;
}

export interface Team {
  load: LoadLine[];
  waits: WaitLine[];
  by_day: DayLine[];
  outcomes: { outcome: Outcome; count: number }[];
  marks: { missed: number; false_alarm: number; latest: MarkLine[] };
  ratings: { counts: [number, number, number]; latest: RatingLine[] };
  quality_sample: SampledRow[];
  now: string;
}

export interface Found {
  rows: PastRow[];
  total: number;
  now: string;
}

export interface Account {
  id: string;
  name: string;
  shown_name: string;
  introduction: string;
  role: Role;
  gender: string | null;
  skills: string[];
  capacity: number;
  timezone: string;
  email: string | null;
  phone: string | null;
  on_call_rank: number | null;
  is_enrolled: boolean;
  locked_until: string | null;
  created_at: string;
  disabled_at: string | null;
}

/** `password`: the one-time password of a new or reset account, told this once. */
export interface AccountAnswer {
  account: Account;
  password?: string;
}

/** Times of the day as `HH:MM`, an end of `24:00` is midnight; `weekday` 1 is Monday. */
export interface ShiftSpan {
  weekday: number;
  start: string;
  end: string;
}

/** A day that differs from the week, of one account or (a holiday) of everybody: off or on in this span. */
export interface ShiftException {
  on_date: string;
  is_working: boolean;
  start: string;
  end: string;
  title: string;
}

export interface Shifts {
  timezone: string;
  shifts: ShiftSpan[];
  exceptions: ShiftException[];
}


export interface Hotline {
  id: string;
  number: string;
  name: string;
  kind: string;
  what: string;
  hours_text: string | null;
  status: string;
  source: string | null;
  last_verified: string | null;
  age_days: number | null;
  is_stale: boolean;
}

export interface Hold {
  id: number;
  worker_id: string;
  nickname: string | null;
  reason: string;
  placed_by: string;
  placed_at: string;
}

/** Days are null where records are kept for good; `ran_at`: the last time that old ones were erased. */
export interface Retention {
  message_days: number | null;
  handoff_days: number | null;
  ran_at: string | null;
  holds: Hold[];
}

export interface DeadLetter {
  id: number;
  channel: string;
  handoff_id: number | null;
  level: Level;
  tier: number;
  attempts: number;
  created_at: string;
  dead_at: string;
  error: string | null;
}

export interface Letters {
  notifications: DeadLetter[];
  /** On their way. */
  pending: number;
  /** Channels that are set up. */
  channels: string[];
}

export interface AuditLine {
  id: number;
  actor: string;
  action: string;
  subject: string;
  reason: string;
  created_at: string;
}

export interface AuditAnswer {
  entries: AuditLine[];
  total: number;
  is_intact: boolean;
  broken_id: number | null;
}
