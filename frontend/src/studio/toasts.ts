/** Short lines above the page: what was done, with a way back where there is one, and what failed. */
import { shallowReactive } from "vue";
import { sentence } from "../staff/api";

export interface Toast {
  id: number;
  text: string;
  isBad: boolean;
  /** Words on its button, and what that does. */
  deed: { word: string; act: () => unknown } | null;
}

export const toasts: Toast[] = shallowReactive([]);

const SHORT_MS = 5000;
const LONG_MS = 12_000;
let latest = 0;

export function leave(id: number): void {
  const place = toasts.findIndex((each) => each.id === id);
  if (place >= 0) toasts.splice(place, 1);
}

function show(text: string, isBad: boolean, deed: Toast["deed"]): void {
  const same = toasts.find((each) => each.text === text && each.deed === null && deed === null);
  if (same !== undefined) leave(same.id);
  latest += 1;
  const id = latest;
  toasts.push({ id, text, isBad, deed });
  if (toasts.length > 2) toasts.shift();
  setTimeout(() => leave(id), isBad || deed !== null ? LONG_MS : SHORT_MS);
}

/** Says what was done; `undo` offers the way back under 撤销. */
export function told(text: string, undo?: () => unknown): void {
  show(text, false, undo === undefined ? null : { word: "撤销", act: undo });
}

/** Says why something did not work, in the gateway's own sentence. */
export function failed(error: unknown): void {
  show(sentence(error), true, null);
}
