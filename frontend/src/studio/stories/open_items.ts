/** The picture of the open file: its items while the text can be read, the last good ones while it can't, and which one is looked at. */
import { computed, type ComputedRef, type Ref, ref, shallowRef, watch } from "vue";
import type { OpenFile } from "../content/open_file";
import { failed } from "../toasts";
import { ApiError } from "../../staff/api";
import type { Trouble } from "./broken";
import { EditRefused } from "./edits";
import { findLine, type Item, parse } from "./model";

export interface OpenItems {
  items: ComputedRef<readonly Item[]>;
  troubles: ComputedRef<readonly Trouble[]>;
  selected: Ref<number | null>;
  item: ComputedRef<Item | null>;
  selectLine: (line: number) => { item: number; step: number | null } | null;
  selectName: (name: string) => void;
  /** Does an edit of the text; one that is refused is told. Gives whether it was done. */
  edit: (act: (text: string) => string) => boolean;
}

/** Whether the text is YAML at all; what only the picture can't draw may be saved. */
export function isSoundYaml(text: string): boolean {
  const { troubles, lists } = parse(text);
  return troubles.length === 0 || lists.length > 0;
}

export function useOpenItems(open: OpenFile): OpenItems {
  const selected = ref<number | null>(null);
  const good = shallowRef<readonly Item[]>([]);
  const parsed = computed(() => parse(open.text.value));
  const isReadable = computed(() => parsed.value.troubles.length === 0 || parsed.value.lists.length > 0);
  const items = computed(() => (isReadable.value ? parsed.value.items : good.value));

  watch(parsed, (now) => isReadable.value && (good.value = now.items), { immediate: true });
  watch(() => open.file.value?.path, () => (selected.value = null));

  function selectLine(line: number): ReturnType<OpenItems["selectLine"]> {
    const found = isReadable.value ? findLine(items.value, line) : null;
    if (found !== null) selected.value = found.item;
    return found;
  }

  function selectName(name: string): void {
    const at = items.value.findIndex((item) => item.name === name);
    selected.value = at < 0 ? null : at;
  }

  function edit(act: (text: string) => string): boolean {
    try {
      open.write(act(open.text.value));
      return true;
    } catch (error) {
      if (!(error instanceof EditRefused)) throw error;
      failed(new ApiError(0, "edit_refused", error.message));
      return false;
    }
  }

  return {
    items, troubles: computed(() => parsed.value.troubles), selected, selectLine, selectName, edit,
    item: computed(() => (selected.value === null ? null : (items.value[selected.value] ?? null))),
  };
}
