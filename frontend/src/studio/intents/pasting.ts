/** Many lines pasted at once: which are new, which were known already, which can't be taken, before anything is saved. */
import { bracketProblem, plain, sameness } from "./annotations";

/** As the gateway takes them (docs/studio.md, 413 and 422). */
export const MOST_CHARACTERS = 4000;
export const MOST_LINES = 2000;

export interface Pasted {
  fresh: string[];
  /** Written twice among the lines themselves. */
  repeated: string[];
  /** In this intent already. */
  known: string[];
  /** In another intent: would become the same sentence in two. */
  elsewhere: { text: string; intent: string }[];
  refused: { text: string; why: string }[];
}

/** One example a line; a list's own sign, a number before a dot and quotation marks around all of it are taken off. */
export function linesOf(pasted: string): string[] {
  const bare = (line: string): string => line.trim().replace(/^(?:[-*•·]\s+|\d{1,4}[.、．)）]\s*)/, "").replace(/^["“](.*)["”]$/, "$1").trim();
  return pasted.split(/\r?\n/).map(bare).filter((line) => line !== "");
}

function refusal(text: string): string {
  if (plain(text).length > MOST_CHARACTERS) return `太长了，最多 ${MOST_CHARACTERS} 字。`;
  if (/^\s*[/]/.test(text)) return "不能用 / 开头，那是按钮用的写法。";
  return bracketProblem(text);
}

/** `whereKnown` gives the intent that has the sentence already, by its sameness. */
export function sorted(lines: readonly string[], intent: string, whereKnown: ReadonlyMap<string, string>): Pasted {
  const found: Pasted = { fresh: [], repeated: [], known: [], elsewhere: [], refused: [] };
  const seen = new Set<string>();
  for (const text of lines) {
    const key = sameness(text);
    const other = whereKnown.get(key);
    const why = refusal(text);
    if (why !== "") found.refused.push({ text, why });
    else if (seen.has(key)) found.repeated.push(text);
    else if (other === intent) found.known.push(text);
    else if (other !== undefined) found.elsewhere.push({ text, intent: other });
    else found.fresh.push(text);
    seen.add(key);
  }
  return found;
}

/** What is wrong with an intent's name; empty when nothing is. Rasa writes it into payloads and rules, so only these signs. */
export function nameProblem(name: string, taken: readonly string[]): string {
  const typed = name.trim();
  if (typed === "") return "请写意图的名字。";
  if (!/^[a-z][a-z0-9_]{1,63}$/.test(typed)) return "用小写英文字母开头，只用小写字母、数字和下划线，2 到 64 个。";
  return taken.includes(typed) ? "已经有这个意图了。" : "";
}
