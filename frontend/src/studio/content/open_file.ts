/** One file of the training folder, open to be written: read with the current change set over it, saved into that as one writes. */
import { computed, type ComputedRef, onMounted, onUnmounted, type Ref, ref, shallowRef, watch } from "vue";
import { onBeforeRouteLeave } from "vue-router";
import { ElMessageBox } from "element-plus";
import { sentence } from "../../staff/api";
import { api } from "../api";
import { canEdit, draft, inDraft, newDraft, refreshDraft, usualTitle } from "../draft";
import type { EditedMeanwhile, FileText } from "../protocol";
import { failed } from "../toasts";
import { History } from "./history";
import { Saver, type SaveState } from "./saving";

export interface OpenFile {
  file: Ref<FileText | null>;
  text: Ref<string>;
  state: Ref<SaveState>;
  problem: Ref<string>;
  isLoading: Ref<boolean>;
  conflict: Ref<EditedMeanwhile | null>;
  canUndo: ComputedRef<boolean>;
  canRedo: ComputedRef<boolean>;
  /** Why nothing may be written here now; empty where it may. */
  locked: ComputedRef<string>;
  open: (path: string) => Promise<void>;
  /** A file that doesn't exist yet, with its first text. */
  begin: (path: string, text: string) => Promise<void>;
  write: (text: string, isTyped?: boolean) => void;
  undo: () => void;
  redo: () => void;
  save: () => Promise<void>;
  /** The text that a person put together after a conflict. */
  settle: (text: string) => Promise<void>;
}

const LOCKED = "这张改动单已经提交，不能再改。在上面换一张，或者先撤回它。";

async function askForDraft(): Promise<boolean> {
  const options = {
    inputValue: usualTitle(new Date()), confirmButtonText: "开一张", cancelButtonText: "先不",
    inputValidator: (value: string): boolean | string => value.trim() !== "" || "给它起个名字。",
  };
  const asked = await ElMessageBox.prompt("改动先放在一张改动单里，别人看过才会写进训练文件。它叫什么？", "开一张改动单", options).catch(() => null);
  if (asked === null) return false;
  try {
    await newDraft((asked as { value: string }).value.trim());
    return true;
  } catch (error) {
    failed(error);
    return false;
  }
}

/** `isSound` tells whether a text may be saved; `saved` hears when one was. */
export function useOpenFile(isSound: (text: string) => boolean, saved: () => void): OpenFile {
  const file = shallowRef<FileText | null>(null);
  const text = ref("");
  const state = ref<SaveState>("same");
  const problem = ref("");
  const isLoading = ref(false);
  const conflict = shallowRef<EditedMeanwhile | null>(null);
  const history = shallowRef(new History(""));
  const turns = ref(0);
  let saver: Saver | null = null;
  let boundTo: number | null = null;
  let isAsking = false;
  let hasDeclined = false;
  let latest = 0;

  const locked = computed(() => (draft.id !== null && draft.current !== null && !canEdit() ? LOCKED : ""));

  function take(found: FileText): void {
    file.value = found;
    text.value = found.text ?? "";
    history.value = new History(text.value);
    state.value = "same";
    problem.value = "";
    conflict.value = null;
    boundTo = draft.id;
    hasDeclined = false;
    saver = saverOf(found);
  }

  function saverOf(found: FileText): Saver {
    const put = async (wanted: string, digest: string): Promise<string> => {
      const body = { path: found.path, text: wanted, digest };
      return (await api.put<{ digest: string }>(`change-sets/${boundTo}/file`, body)).digest;
    };
    const mine: Saver = new Saver(found.digest, put, (saving) => {
      if (saver !== mine) return;
      state.value = saving.state;
      problem.value = saving.problem;
      conflict.value = saving.conflict as EditedMeanwhile | null;
      if (saving.state === "saved") {
        void refreshDraft().catch(failed);
        saved();
      }
    });
    return mine;
  }

  async function open(path: string): Promise<void> {
    latest += 1;
    const turn = latest;
    await saver?.flush();
    isLoading.value = true;
    try {
      const found = await api.get<FileText>(`file${inDraft({ path })}`);
      if (turn === latest) take(found);
    } catch (error) {
      if (turn === latest) {
        file.value = null;
        saver = null;
        problem.value = sentence(error);
      }
    }
    if (turn === latest) isLoading.value = false;
  }

  async function begin(path: string, first: string): Promise<void> {
    latest += 1;
    await saver?.flush();
    take({ path, text: "", digest: "", base: null, is_clinical: false });
    write(first);
  }

  async function want(): Promise<void> {
    turns.value += 1;
    if (file.value === null || saver === null) return;
    if (!isSound(text.value)) {
      saver.hold();
      return;
    }
    if (boundTo === null && !(await bind())) return;
    saver.want(text.value);
  }

  /** Makes the change set to write into; asked once and when told to save, not at every letter. */
  async function bind(): Promise<boolean> {
    if (isAsking) return false;
    state.value = "refused";
    problem.value = "还没存：没有改动单可以放。";
    if (hasDeclined) return false;
    isAsking = true;
    const isMade = await askForDraft();
    isAsking = false;
    hasDeclined = !isMade;
    if (isMade) boundTo = draft.id;
    return isMade;
  }

  function write(wanted: string, isTyped = false): void {
    if (wanted === text.value || locked.value !== "") return;
    history.value.put(wanted, isTyped ? Date.now() : null);
    text.value = wanted;
    void want();
  }

  function step(to: string): void {
    if (to === text.value) return;
    text.value = to;
    void want();
  }

  async function save(): Promise<void> {
    hasDeclined = false;
    await want();
    await saver?.flush();
  }

  async function settle(merged: string): Promise<void> {
    const found = await api.get<FileText>(`file${inDraft({ path: file.value?.path ?? "" })}`);
    saver?.goOnFrom(found.digest);
    conflict.value = null;
    history.value.put(merged);
    text.value = merged;
    await save();
  }

  function beforeUnload(event: BeforeUnloadEvent): void {
    if (saver?.isUnsaved === true || state.value === "refused") event.preventDefault();
  }

  watch(
    () => draft.id,
    (id) => {
      if (isAsking || id === boundTo || file.value === null) return;
      void open(file.value.path);
    },
  );
  onMounted(() => window.addEventListener("beforeunload", beforeUnload));
  onUnmounted(() => window.removeEventListener("beforeunload", beforeUnload));
  onBeforeRouteLeave(async () => {
    await saver?.flush();
    if (saver?.isUnsaved !== true) return true;
    const warning = "这里还有没存上的改动，离开就没有了。";
    return ElMessageBox.confirm(warning, "先别走", { confirmButtonText: "不要了，离开", cancelButtonText: "留下来", type: "warning" }).then(() => true, () => false);
  });

  const canUndo = computed(() => turns.value >= 0 && history.value.canUndo);
  const canRedo = computed(() => turns.value >= 0 && history.value.canRedo);
  return {
    file, text, state, problem, isLoading, conflict, canUndo, canRedo, locked, open, begin, write, save, settle,
    undo: () => step(history.value.undo()),
    redo: () => step(history.value.redo()),
  };
}
