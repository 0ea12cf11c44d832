/** The keys of the console: which press means what, and the list that `?` shows. */

export type Deed =
  | { kind: "down" | "up" | "enter" | "accept" | "help" | "brief" | "write" | "take_offer" | "leave_offer" }
  | { kind: "tab"; place: number };

export const KEY_LIST: readonly (readonly [string, string])[] = [
  ["j ／ ↓", "队列里下一个"],
  ["k ／ ↑", "队列里上一个"],
  ["Enter", "打开选中的；写字时是发送"],
  ["Shift + Enter", "写字时换行"],
  ["a", "接下选中的或打开的"],
  ["Alt + 1…9", "切换到第几个标签"],
  ["/", "在输入框开头：找常用语"],
  ["r", "去写回复"],
  ["b", "展开或收起简报"],
  ["Alt + Y ／ Alt + N", "推给我的：接下 ／ 不接"],
  ["Esc", "关掉对话框；离开输入框"],
  ["?", "这张表"],
];

interface Press {
  key: string;
  code: string;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
}

const PLAIN: Record<string, Deed> = {
  j: { kind: "down" },
  ArrowDown: { kind: "down" },
  k: { kind: "up" },
  ArrowUp: { kind: "up" },
  Enter: { kind: "enter" },
  a: { kind: "accept" },
  A: { kind: "accept" },
  r: { kind: "write" },
  b: { kind: "brief" },
  "?": { kind: "help" },
  "？": { kind: "help" },
};

/** What a key press asks for, or null; while somebody writes only the Alt keys mean anything. */
export function deedOf(press: Press, isWriting: boolean): Deed | null {
  if (press.ctrlKey || press.metaKey) return null;
  if (press.altKey) {
    const digit = /^Digit([1-9])$/.exec(press.code)?.[1];
    if (digit !== undefined) return { kind: "tab", place: Number(digit) - 1 };
    if (press.code === "KeyY") return { kind: "take_offer" };
    return press.code === "KeyN" ? { kind: "leave_offer" } : null;
  }
  return isWriting ? null : (PLAIN[press.key] ?? null);
}

/** Whether keys belong to the element: fields, menus, dialogs and buttons keep Enter and the arrows for themselves. */
export function isWritingIn(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.closest("input, textarea, select, [role=dialog], [role=menu]") !== null;
}
