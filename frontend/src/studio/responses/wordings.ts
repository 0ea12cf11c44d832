/** Wordings of a response: how long, with which blanks, what of them changed, and which responses a filter shows. */
import type { Button, ResponseRow, Wording } from "../protocol";

/** domain.yml: what a phone shows without scrolling. */
export const LONGEST = 90;

export interface Draft {
  text: string;
  buttons: Button[];
}

export interface Piece {
  text: string;
  isBlank: boolean;
}

/** The wording in order, its `{blanks}` apart. */
export function blanksIn(text: string): Piece[] {
  return text.split(/(\{[^{}\s]+\})/).filter((piece) => piece !== "").map((piece) => ({ text: piece, isBlank: /^\{[^{}\s]+\}$/.test(piece) }));
}

/** Length as the server counts it: characters, not units of UTF-16. */
export const lengthOf = (text: string): number => [...text.trim()].length;

export const draftsOf = (wordings: readonly Wording[]): Draft[] =>
  wordings.map(({ text, buttons }) => ({ text, buttons: buttons.map(({ title, payload }) => ({ title, payload })) }));

export function isSame(drafts: readonly Draft[], wordings: readonly Wording[]): boolean {
  return JSON.stringify(drafts) === JSON.stringify(draftsOf(wordings));
}

export type Filter = "all" | "unreviewed" | "changed" | "long" | "unused" | "hints";

export const FILTERS: readonly (readonly [Filter, string])[] = [
  ["all", "全部"], ["unreviewed", "没有审核"], ["changed", "改过"], ["long", "过长"], ["unused", "没用到"], ["hints", "有提示"],
];

const FITS: Record<Filter, (row: ResponseRow) => boolean> = {
  all: () => true,
  unreviewed: (row) => row.review.state === "never",
  changed: (row) => row.review.state === "changed",
  long: (row) => row.wordings.some(({ length }) => length > LONGEST),
  unused: (row) => !row.is_reached,
  hints: (row) => row.wordings.some(({ hints }) => hints.length > 0),
};

export const fits = (row: ResponseRow, filter: Filter): boolean => FITS[filter](row);

/** Responses under a filter whose name or one of whose wordings holds every piece typed. */
export function findResponses(rows: readonly ResponseRow[], filter: Filter, typed: string): ResponseRow[] {
  const pieces = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const holds = (row: ResponseRow): boolean => {
    const all = [row.name, ...row.wordings.map(({ text }) => text)].join("\n").toLowerCase();
    return pieces.every((piece) => all.includes(piece));
  };
  return rows.filter((row) => fits(row, filter) && holds(row));
}

/** The list with the one at `from` standing at `to`; as it was where that is outside. */
export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const made = [...list];
  if (to < 0 || to >= made.length) return made;
  made.splice(to, 0, ...made.splice(from, 1));
  return made;
}

/** Why it can't be saved yet, by wording; empty where it can. */
export function lacks(drafts: readonly Draft[]): Record<number, string> {
  const found: Record<number, string> = {};
  for (const [at, { text, buttons }] of drafts.entries()) {
    const twin = drafts.findIndex((each) => each.text.trim() === text.trim() && JSON.stringify(each.buttons) === JSON.stringify(buttons));
    if (text.trim() === "") found[at] = "这一种说法还没写。";
    else if (buttons.some(({ title, payload }) => title.trim() === "" || !/^\/\S/.test(payload))) found[at] = "按钮要写上字，也要选点了以后算员工说了什么。";
    else if (twin < at) found[at] = `和第 ${twin + 1} 种一模一样。`;
  }
  return found;
}

/** A name as the server takes it. */
export const nameProblem = (name: string, taken: readonly string[]): string => {
  if (!/^utter_[a-z0-9_]+$/.test(name)) return "名字以 utter_ 开头，后面用小写字母、数字和下划线。";
  return taken.includes(name) ? "已经有叫这个名字的回复了。" : "";
};
