/** Training, proving, publishing and the talk with a draft (docs/studio.md). */
import type { Level } from "./inbox";

export type ModelVerdict = "unproven" | "passed" | "falls" | "blocked";

export interface ModelFigures {
  f1: number | null;
  held_back: number | null;
  crisis_recall: number | null;
  stories: number | null;
  latency_ms: number | null;
}

export interface Model {
  id: string;
  archive: string;
  created_at: string;
  trained_by: string | null;
  rasa_version: string;
  change_set: { id: number; title: string } | null;
  changes: { id: number; title: string }[];
  verdict: ModelVerdict;
  figures: ModelFigures | null;
  role: "live" | "candidate" | "draft" | null;
  is_runnable: boolean;
  /** Why its archive can't run here, in words. */
  why_not: string | null;
}

export type JobKind = "train" | "prove";
export type JobState = "queued" | "running" | "done" | "failed" | "cancelled";

export interface Job {
  id: number;
  kind: JobKind;
  state: JobState;
  phase: string;
  progress: number;
  error: string | null;
  requested_by: string;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  change_set_id: number | null;
  model_id: string | null;
}

/** `GET jobs/{id}?after=` */
export interface JobWithLog extends Job {
  log: string[];
  log_end: number;
}

export interface Publication {
  id: number;
  kind: "publish" | "rollback";
  model_id: string;
  previous_id: string | null;
  published_by: string;
  reason: string | null;
  state: string;
  error: string | null;
  created_at: string;
  moved_at: string | null;
}

export interface Arm {
  arm: string;
  model_id: string;
  conversations: number;
  messages: number;
  turns_a_conversation: number | null;
  fallback_share: number | null;
  not_understood_share: number | null;
  thumbs_down_share: number | null;
  asked_for_person_share: number | null;
  crises: number;
  seconds_p50: number | null;
}

export interface Experiment {
  id: number;
  share: number;
  started_by: string;
  started_at: string;
  ended_at: string | null;
  arms: Arm[];
}

/** `GET models` */
export interface ModelList {
  models: Model[];
  live: string | null;
  publication: Publication | null;
  publications: Publication[];
  experiment: Experiment | null;
  can_publish: boolean;
  why_not: string | null;
}

/** `POST models/{id}/draft` */
export interface DraftState {
  model_id: string;
  state: "starting" | "ready";
}

export interface DraftTurn {
  texts: string[];
  /** Their titles. */
  buttons: string[];
  intent: string | null;
  confidence: number | null;
  level: Level;
  seconds: number;
  /** Why this side gave no answer, in words. */
  error: string | null;
}

/** `POST draft/messages` */
export interface DraftAnswer {
  draft: DraftTurn;
  live: DraftTurn;
}

export interface Confusion {
  labels: string[];
  old: number[][] | null;
  new: number[][];
}

export interface Moved {
  text: string;
  intent: string;
  old: string;
  new: string;
}

/** `GET models/{id}/comparison` */
export interface Comparison {
  old: Model | null;
  new: Model;
  verdict: ModelVerdict;
  blocks: string[];
  falls: string[];
  crisis: {
    group: string;
    title: string;
    rows: number;
    old: { seen: number; understood: number } | null;
    new: { seen: number; understood: number };
    is_worse: boolean;
  }[];
  personas: { id: string; who: string; faults: string[] }[] | null;
  cross_validation: { old: { f1: number; accuracy: number } | null; new: { f1: number; accuracy: number } };
  held_back: { rows: number; old: { accuracy: number; f1: number } | null; new: { accuracy: number; f1: number } };
  intents: { intent: string; examples: number; old_f1: number | null; new_f1: number | null; change: number | null }[];
  confusion: Confusion;
  better: Moved[];
  worse: Moved[];
  stories: {
    old: { passed: number; total: number } | null;
    new: { passed: number; total: number };
    failed: { name: string; path: string; line: number; expected: string; got: string }[];
  };
  latency: { old: { p50_ms: number; p95_ms: number } | null; new: { p50_ms: number; p95_ms: number } };
}
