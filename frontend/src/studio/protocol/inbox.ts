/** Messages worth a look and the conversations they stand in (docs/studio.md). */

import type { Level } from "../../staff/protocol";

export type { Level } from "../../staff/protocol";
export type InboxReason =
  | "low_confidence"
  | "runner_up"
  | "fallback"
  | "changed_topic"
  | "not_understood"
  | "thumbs_down"
  | "marked"
  | "sample";
export type DecisionKind = "right" | "intent" | "not_ours" | "dismiss";
export type ItemState = "open" | "done";
/** Into the training data, or kept apart to measure with. */
export type Use = "train" | "held_back";
export type Verdict = "missed" | "false_alarm";

export interface InboxItem {
  message_id: number;
  text: string;
  reasons: InboxReason[];
  intent: string;
  confidence: number;
  level: Level;
  created_at: string;
  state: ItemState;
  assigned_to: { id: string; name: string } | null;
  comment: string | null;
  decision: { kind: DecisionKind; intent?: string; use?: Use; text?: string } | null;
  decided_by: string | null;
}

export interface InboxGroup {
  id: number;
  size: number;
  open: number;
  reasons: Partial<Record<InboxReason, number>>;
  exemplar: InboxItem;
  newest_at: string;
}

/** `GET inbox` */
export interface Inbox {
  groups: InboxGroup[];
  total_groups: number;
  total_messages: number;
  counts: Partial<Record<InboxReason, number>>;
  reasons: Partial<Record<InboxReason, string>>;
  page: number;
}

/** `GET inbox/groups/{id}` */
export interface GroupPage {
  items: InboxItem[];
  total: number;
  page: number;
}

export interface NearExample {
  text: string;
  intent: string;
  similarity: number;
  path: string;
  line: number;
}

export interface RankedIntent {
  intent: string;
  confidence: number;
  nearest: NearExample[];
}

/** Characters of the text, counted as Unicode points; the end is not included. */
export interface EntitySpan {
  entity: string;
  value: string;
  start: number;
  end: number;
}

/** `GET messages/{id}` */
export interface MessageDetail {
  item: InboxItem;
  conversation_id: string;
  ranking: RankedIntent[];
  entities: EntitySpan[];
  screen: { level: Level; subject: string; kind: string | null; score: number | null; cues: { name: string; words: string }[] };
  model: string | null;
  marks: { verdict: Verdict; expected: Level | null; by: string }[];
}

/** `POST inbox/decisions`: of these messages, or of a whole group. */
export interface Decision {
  message_ids?: number[];
  group_id?: number;
  kind: DecisionKind;
  intent?: string;
  entities?: { entity: string; start: number; end: number; value?: string }[];
  text?: string;
  use?: Use;
  change_set_id?: number | null;
}

export interface Decided {
  decided: number;
  change_set_id: number | null;
  added: number;
}

export interface Colleague {
  id: string;
  name: string;
  shown_name: string;
  role: string;
}

export interface StepAction {
  name: string;
  policy: string | null;
  confidence: number | null;
  texts: string[];
  slots: { name: string; value: unknown }[];
}

export interface Turn {
  turn: number;
  message_id: number | null;
  text: string;
  intent: string | null;
  /** The intent that a trainer gave it. */
  corrected: string | null;
  confidence: number | null;
  entities: EntitySpan[];
  actions: StepAction[];
  loop: string | null;
}

/** `GET conversations/{id}` */
export interface ConversationSteps {
  conversation_id: string;
  turns: Turn[];
}

/** `POST conversations/{id}/story` */
export interface SavedStory {
  path: string;
  yaml: string;
  change_set_id: number;
}
