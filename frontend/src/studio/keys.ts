/** The keys of the studio: those of every page, and those of the page that is open, for the list that `?` shows. */
import { onUnmounted, shallowRef } from "vue";

export type KeyList = readonly (readonly [keys: string, what: string])[];

export const EVERYWHERE: KeyList = [
  ["?", "这张表"],
  ["Esc", "关掉对话框；离开输入框"],
];

/** Name and keys of the page that is open. */
export const pageKeys = shallowRef<{ title: string; keys: KeyList } | null>(null);

/** Lists a page's keys while it is shown. */
export function usePageKeys(title: string, keys: KeyList): void {
  const mine = { title, keys };
  pageKeys.value = mine;
  onUnmounted(() => {
    if (pageKeys.value === mine) pageKeys.value = null;
  });
}

/** Whether keys belong to the element: fields, menus and dialogs keep them; inside a shadow root stands an editor. */
export function isWritingIn(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.shadowRoot !== null || target.closest("input, textarea, select, [role=dialog], [role=menu]") !== null;
}
