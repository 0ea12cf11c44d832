/** Writing into the current change set: one edit at a time, with the way back that each has. */
import { computed, type ComputedRef, watch } from "vue";
import { api } from "../api";
import { draft, draftToEdit, refreshDraft } from "../draft";
import type { Edit, Edited } from "../protocol";
import { failed, told } from "../toasts";

/** Sends an edit into the change set; a new one is made where none is chosen. Throws ApiError. */
export async function send(edit: Edit): Promise<Edited> {
  const id = await draftToEdit();
  const edited = await api.post<Edited>(`change-sets/${id}/edits`, edit);
  await refreshDraft().catch(failed);
  return edited;
}

/** The edit that takes this one back, or null where there is none. */
export function undoOf(edit: Edit): Edit | null {
  switch (edit.edit) {
    case "add_examples":
      return { edit: "remove_examples", intent: edit.intent, examples: edit.examples };
    case "remove_examples":
      return { edit: "add_examples", intent: edit.intent, examples: edit.examples };
    case "move_examples":
      return { edit: "move_examples", examples: edit.examples, from: edit.to, to: edit.from };
    case "change_example":
      return { edit: "change_example", intent: edit.intent, old: edit.new, new: edit.old };
    case "rename_intent":
      return { edit: "rename_intent", intent: edit.to, to: edit.intent };
    default:
      return null;
  }
}

/** Sends an edit, tells what it did with the way back, then looks again. Gives whether it was taken; a refusal is told. */
export async function deed(edit: Edit, done: string, after: () => unknown): Promise<boolean> {
  try {
    await send(edit);
  } catch (error) {
    failed(error);
    return false;
  }
  const back = undoOf(edit);
  await after();
  told(done, back === null ? undefined : () => deed(back, "撤销了。", after));
  return true;
}

/** Asks again when another change set is chosen. */
export function whenDraftChanges(reload: () => unknown): void {
  watch(() => draft.id, reload);
}

/** Where the next edit goes, in words. */
export function useTarget(): ComputedRef<string> {
  return computed(() => (draft.current?.may.includes("edit") ? `写进「${draft.current.title}」` : "会新开一张改动单"));
}
