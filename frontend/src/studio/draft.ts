/** The change set (改动单) that this browser tab works in: what is read has it laid over, what is written goes into it. */
import { shallowReactive } from "vue";
import { ApiError, query } from "../staff/api";
import { api } from "./api";
import type { ChangeSet, ChangeSetList, ChangeSetRow } from "./protocol";

const KEY = "xinyi.studio.draft";

interface CurrentDraft {
  /** Null: the training folder as it is. */
  id: number | null;
  /** The change set with its files; null while it is read. */
  current: ChangeSet | null;
  /** Drafts that this account may go on with. */
  mine: ChangeSetRow[];
}

export const draft: CurrentDraft = shallowReactive({ id: kept(), current: null, mine: [] });

export const useDraft = (): CurrentDraft => draft;

function kept(): number | null {
  try {
    const id = Number(sessionStorage.getItem(KEY));
    return Number.isInteger(id) && id > 0 ? id : null;
  } catch {
    return null;
  }
}

function keep(id: number | null): void {
  try {
    if (id === null) sessionStorage.removeItem(KEY);
    else sessionStorage.setItem(KEY, String(id));
  } catch {
    // Storage switched off: the choice lives as long as the page does.
  }
}

/** The query string of a reading call: its own values and the change set, with the `?`. */
export function inDraft(values: Record<string, string | number | null | undefined> = {}): string {
  return query({ ...values, change_set: draft.id });
}

/** Works in this change set from now on; null leaves it for the folder as it is. */
export async function chooseDraft(id: number | null): Promise<void> {
  draft.id = id;
  draft.current = null;
  keep(id);
  await refreshDraft();
}

/** Reads the chosen change set anew, after each thing written into it; one that is gone is left. */
export async function refreshDraft(): Promise<void> {
  const id = draft.id;
  if (id === null) return;
  try {
    const found = await api.get<ChangeSet>(`change-sets/${id}`);
    if (draft.id === id) draft.current = found;
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    if (draft.id === id) await chooseDraft(null);
  }
}

export async function loadMine(): Promise<void> {
  const found = await api.get<ChangeSetList>(`change-sets${query({ state: "draft" })}`);
  draft.mine = found.change_sets.filter((each) => each.may.includes("edit"));
}

/** Makes a change set and goes on in it. */
export async function newDraft(title: string): Promise<ChangeSet> {
  const made = await api.post<ChangeSet>("change-sets", { title });
  draft.mine = [made, ...draft.mine.filter((each) => each.id !== made.id)];
  draft.id = made.id;
  draft.current = made;
  keep(made.id);
  return made;
}

export const canEdit = (): boolean => draft.current?.may.includes("edit") === true;

/** `11月30日的改动`, what a change set is called until somebody names it. */
export function usualTitle(now: Date): string {
  return `${now.getMonth() + 1}月${now.getDate()}日的改动`;
}

/** The id to write into: the chosen change set where it may be edited, else a new one of today. */
export async function draftToEdit(now: Date = new Date()): Promise<number> {
  if (draft.id !== null && draft.current === null) await refreshDraft();
  if (draft.id !== null && canEdit()) return draft.id;
  return (await newDraft(usualTitle(now))).id;
}
