/** Examples as Rasa's files write them, with entities in brackets: taken apart to be shown, and without them to be compared. */

export interface Piece {
  text: string;
  /** Null for words that no entity covers. */
  entity: string | null;
  /** What the words stand for, where the file says so. */
  value: string | null;
}

const ANNOTATION = /\[([^[\]]+)\](?:\(([^()]+)\)|(\{[^{}]*\}))/g;

interface Detail {
  entity?: unknown;
  value?: unknown;
}

function detailOf(json: string): Detail | null {
  try {
    return JSON.parse(json) as Detail;
  } catch {
    return null; // Broken brackets stay words, so that what is wrong can be seen.
  }
}

function marked(text: string, short: string | undefined, json: string | undefined): Piece | null {
  if (short !== undefined) {
    const [entity = "", value] = short.split(":");
    return { text, entity, value: value ?? null };
  }
  const detail = detailOf(json ?? "");
  if (detail === null || typeof detail.entity !== "string") return null;
  return { text, entity: detail.entity, value: typeof detail.value === "string" ? detail.value : null };
}

/** The example in order, plain words and marked ones. */
export function pieces(example: string): Piece[] {
  const found: Piece[] = [];
  let end = 0;
  for (const match of example.matchAll(ANNOTATION)) {
    const piece = marked(match[1] ?? "", match[2], match[3]);
    if (piece === null) continue;
    if (match.index > end) found.push({ text: example.slice(end, match.index), entity: null, value: null });
    found.push(piece);
    end = match.index + match[0].length;
  }
  if (end < example.length) found.push({ text: example.slice(end), entity: null, value: null });
  return found;
}

/** The words a worker would type. */
export function plain(example: string): string {
  return pieces(example).map((piece) => piece.text).join("");
}

/** What makes two examples the same sentence: case, width and spaces aside. */
export function sameness(example: string): string {
  return plain(example).normalize("NFKC").toLowerCase().replaceAll(/\s+/g, "");
}

/** What is wrong with brackets in a typed example; empty when nothing is. */
export function bracketProblem(example: string): string {
  const rest = example.replaceAll(ANNOTATION, (all: string, text: string, short?: string, json?: string) => (marked(text, short, json) === null ? all : text));
  const isHalf = /\]\(|\]\{/.test(rest) || /\[[^\]]*$/.test(rest);
  return isHalf ? "方括号没写完整。标注写成 [老公](person)。" : "";
}
