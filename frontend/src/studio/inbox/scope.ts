/** Whom a decision is about: the whole group, those chosen in it, or the one message; and what is sent for it. */
import type { Decision, DecisionKind, EntitySpan, InboxItem, Use } from "../protocol";

export type Scope = "group" | "chosen" | "one";

/** What the trainer set for one message beside its intent. */
export interface Edits {
  text: string;
  entities: EntitySpan[];
  /** Its text is no longer the masked one. */
  isTextChanged: boolean;
  areEntitiesChanged: boolean;
}

export const isEdited = (edits: Edits): boolean => edits.isTextChanged || edits.areEntitiesChanged;

/** Scopes that can be taken now; corrected words belong to their one message. */
export function scopesOf(openCount: number, chosenCount: number, isOneEdited: boolean): Scope[] {
  if (isOneEdited || openCount <= 1) return ["one"];
  return chosenCount > 0 ? ["group", "chosen", "one"] : ["group", "one"];
}

/** The scope one begins with: on a card the group, on a message those chosen or else this one. */
export function usualScope(isOnCard: boolean, chosenCount: number, openCount: number): Scope {
  if (openCount <= 1) return "one";
  if (chosenCount > 0) return "chosen";
  return isOnCard ? "group" : "one";
}

/** The next scope in turn. */
export function nextScope(scopes: readonly Scope[], scope: Scope): Scope {
  return scopes[(scopes.indexOf(scope) + 1) % scopes.length] ?? "one";
}

/** The messages it is about: open ones only, unless it is the one that is looked at. */
export function messagesOf(scope: Scope, one: number, open: readonly InboxItem[], chosen: ReadonlySet<number>): number[] {
  if (scope === "one") return [one];
  const ids = open.filter((item) => item.state === "open").map((item) => item.message_id);
  return scope === "group" ? ids : ids.filter((id) => chosen.has(id));
}

interface Asked {
  kind: DecisionKind;
  intent: string | null;
  messageIds: number[];
  edits: Edits | null;
  use: Use;
  changeSet: number | null;
}

/** The body of `POST inbox/decisions`. What teaches carries its use and its change set, corrected words only the one message. */
export function decisionOf(asked: Asked): Decision {
  const teaches = asked.kind === "intent" || asked.kind === "not_ours";
  const edits = teaches && asked.messageIds.length === 1 ? asked.edits : null;
  return {
    message_ids: asked.messageIds,
    kind: asked.kind,
    ...(asked.kind === "intent" && asked.intent !== null ? { intent: asked.intent } : {}),
    ...(teaches ? { use: asked.use, ...(asked.changeSet === null ? {} : { change_set_id: asked.changeSet }) } : {}),
    ...(edits?.isTextChanged ? { text: edits.text.trim() } : {}),
    ...(edits?.areEntitiesChanged && edits.entities.length > 0 ? { entities: edits.entities } : {}),
  };
}
