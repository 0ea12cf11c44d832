/** What is taught, and the change sets in which it changes (docs/studio.md). */

export interface Place {
  path: string;
  line: number;
}

/** `GET intents` */
export interface IntentList {
  intents: IntentRow[];
  total_examples: number;
  figures_of: string | null;
}

export interface IntentRow {
  name: string;
  examples: number;
  f1: number | null;
  precision: number | null;
  recall: number | null;
  used_in: (Place & { kind: string; name: string })[];
  path: string;
}

export interface Example extends Place {
  text: string;
}

/** `GET intents/{name}/examples`; `text` as in the file, with its annotations. */
export interface ExamplePage {
  examples: Example[];
  total: number;
  page: number;
}

export interface SearchHit extends Place {
  text: string;
  intent: string;
  similarity: number;
}

/** `GET search` */
export interface SearchHits {
  hits: SearchHit[];
  milliseconds: number;
}

export type PairKind = "same_text" | "near_duplicate" | "nearer_to_other";

export interface NeighbourPair extends Place {
  kind: PairKind;
  text: string;
  intent: string;
  other: Place & { text: string; intent: string };
  similarity: number;
}

/** `GET neighbours` */
export interface Neighbours {
  pairs: NeighbourPair[];
  total: number;
}

export interface StoryFile {
  path: string;
  kind: "stories" | "rules" | "tests";
  items: { name: string; line: number; steps: number }[];
}

/** `GET stories` */
export interface StoryFiles {
  files: StoryFile[];
}

/** `GET domain` */
export interface Domain {
  intents: string[];
  entities: string[];
  slots: { name: string; type: string }[];
  actions: string[];
  forms: string[];
  responses: string[];
}

export interface Button {
  title: string;
  payload: string;
}

export interface Wording {
  text: string;
  buttons: Button[];
  length: number;
  hints: string[];
}

export interface ResponseReview {
  state: "reviewed" | "changed" | "never";
  author: string | null;
  reviewed_by: string | null;
  reviewed_at: string | null;
}

export interface ResponseRow {
  name: string;
  line: number;
  wordings: Wording[];
  used_in: Place[];
  is_reached: boolean;
  review: ResponseReview;
}

/** `GET responses` */
export interface ResponseList {
  responses: ResponseRow[];
}

export type FileKind = "nlu" | "stories" | "rules" | "tests" | "domain" | "content";

export interface FileRow {
  path: string;
  kind: FileKind;
  is_clinical: boolean;
  size: number;
  state: "same" | "changed" | "new" | "deleted";
}

/** `GET files` */
export interface FileList {
  files: FileRow[];
}

/** `GET file`; `base` is the folder's own text. */
export interface FileText {
  path: string;
  text: string;
  digest: string;
  base: string | null;
  is_clinical: boolean;
}

export interface Issue {
  severity: "error" | "warning";
  code: string;
  path: string;
  line: number | null;
  column: number | null;
  message: string;
  related: Place[];
}

/** `GET check` */
export interface Check {
  issues: Issue[];
  seconds: number;
  is_sound: boolean;
  /** False while Rasa's part has not answered yet: ask again. */
  is_whole: boolean;
}

export type ChangeSetState = "draft" | "proposed" | "reviewed" | "applied" | "withdrawn";
export type Deed = "edit" | "propose" | "review" | "apply" | "withdraw" | "train";

export interface ChangedFile {
  path: string;
  state: "changed" | "new" | "deleted";
  added: number;
  removed: number;
  is_clinical: boolean;
  has_conflict: boolean;
}

/** A change set as a list gives it, without its files. */
export interface ChangeSetRow {
  id: number;
  title: string;
  author: string;
  state: ChangeSetState;
  is_clinical: boolean;
  note: string;
  created_at: string;
  updated_at: string;
  proposed_at: string | null;
  reviewed_by: string | null;
  reviewed_at: string | null;
  review_note: string | null;
  applied_by: string | null;
  applied_at: string | null;
  commit: string | null;
  is_mine: boolean;
  may: Deed[];
}

export interface ChangeSet extends ChangeSetRow {
  files: ChangedFile[];
}

/** `GET change-sets` */
export interface ChangeSetList {
  change_sets: ChangeSetRow[];
}

export interface Chunk {
  kind: "same" | "ours" | "theirs" | "both" | "conflict";
  base: string[];
  ours: string[];
  theirs: string[];
}

/** `GET change-sets/{id}/diff` */
export interface Diff {
  path: string;
  base: string | null;
  text: string | null;
  current: string | null;
  chunks: Chunk[];
}

/** What a refusal 409 `edited_meanwhile` carries in its `details`. */
export interface EditedMeanwhile {
  path: string;
  base: string | null;
  ours: string | null;
  theirs: string | null;
  chunks: Chunk[];
}

type NewWording = Pick<Wording, "text" | "buttons">;

/** `POST change-sets/{id}/edits` */
export type Edit =
  | { edit: "add_examples" | "remove_examples" | "add_intent" | "hold_back"; intent: string; examples: string[] }
  | { edit: "move_examples"; examples: string[]; from: string; to: string }
  | { edit: "change_example"; intent: string; old: string; new: string }
  | { edit: "rename_intent"; intent: string; to: string }
  | { edit: "delete_intent"; intent: string; force?: boolean }
  | { edit: "set_response" | "add_response"; response: string; wordings: NewWording[] }
  | { edit: "rename_response"; response: string; to: string }
  | { edit: "delete_response"; response: string };

export interface Edited {
  files: string[];
  summary: string;
}
