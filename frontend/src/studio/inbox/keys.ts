/** The keys of the inbox: which press means what, and the list that `?` shows. */
import type { KeyList } from "../keys";

export type Deed =
  | { kind: "down" | "up" | "open" | "search" | "not_ours" | "right" | "dismiss" | "text" | "use" | "screen" | "comment" | "assign" | "undo" | "choose" | "scope" }
  | { kind: "intent"; place: number };

export const INBOX_KEYS: KeyList = [
  ["j ／ ↓", "下一条"],
  ["k ／ ↑", "上一条"],
  ["Enter", "打开一组；打开的再按就收起"],
  ["1…5", "就是排第几的那个意图"],
  ["/", "另找一个意图"],
  ["n", "不归我们管"],
  ["r", "听对了"],
  ["d", "先放一边"],
  ["e", "改文字、标词：先选中字，再按 Alt + 1…9"],
  ["h", "进训练 ／ 留作检验"],
  ["m", "筛查看得不对：漏报、误报"],
  ["c", "写备注"],
  ["a", "归我看；再按就放回去"],
  ["x", "选上这一条"],
  ["g", "对整组、对选中的、只对这一条，轮着换"],
  ["u", "撤销刚才那一下"],
];

const PLAIN: Record<string, Deed["kind"]> = {
  j: "down", ArrowDown: "down", k: "up", ArrowUp: "up", "/": "search", "、": "search", n: "not_ours", r: "right", d: "dismiss", e: "text", h: "use", m: "screen",
  c: "comment", a: "assign", u: "undo", x: "choose", g: "scope", Enter: "open",
};

interface Press {
  key: string;
  altKey: boolean;
  ctrlKey: boolean;
  metaKey: boolean;
  repeat: boolean;
}

const MAY_REPEAT = new Set<string>(["down", "up"]);

/** What a press asks for, or null; a key that is held decides only once. */
export function deedOf(press: Press): Deed | null {
  if (press.altKey || press.ctrlKey || press.metaKey) return null;
  if (/^[1-5]$/.test(press.key)) return press.repeat ? null : { kind: "intent", place: Number(press.key) - 1 };
  const kind = PLAIN[press.key.length === 1 ? press.key.toLowerCase() : press.key];
  if (kind === undefined || kind === "intent" || (press.repeat && !MAY_REPEAT.has(kind))) return null;
  return { kind };
}
