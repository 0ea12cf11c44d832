/** Ctrl+Z and Ctrl+Y for the text of the page, in its fields and its editor alike; a field that is being typed in keeps its own. */
import { onMounted, onUnmounted } from "vue";
import type { OpenFile } from "./open_file";

export function useUndoKeys(open: Pick<OpenFile, "undo" | "redo">): (event: KeyboardEvent) => void {
  let typedIn: EventTarget | null = null;
  const typing = (event: Event): void => {
    typedIn = event.target;
  };
  const done = (): void => {
    typedIn = null;
  };
  onMounted(() => {
    document.addEventListener("input", typing);
    document.addEventListener("change", done);
    document.addEventListener("focusout", done);
  });
  onUnmounted(() => {
    document.removeEventListener("input", typing);
    document.removeEventListener("change", done);
    document.removeEventListener("focusout", done);
  });

  return (event) => {
    const isField = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
    if (event.key === "Enter" && event.target instanceof HTMLInputElement) done();
    if (!(event.ctrlKey || event.metaKey) || event.altKey || (isField && typedIn === event.target)) return;
    const key = event.key.toLowerCase();
    if (key === "z" && !event.shiftKey) open.undo();
    else if (key === "y" || (key === "z" && event.shiftKey)) open.redo();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
}
