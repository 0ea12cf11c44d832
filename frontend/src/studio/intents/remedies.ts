/** Where two examples get in each other's way, and what one press does about it: an edit of the change set. */
import type { Edit, Neighbours, PairKind } from "../protocol";

export type Pair = Neighbours["pairs"][number];

export const KINDS: Record<PairKind, { title: string; short: string; why: string }> = {
  same_text: { title: "同一句话在两个意图里", short: "同一句话", why: "同一句话教了两种意思，模型只能猜。留一处就好。" },
  near_duplicate: { title: "几乎一样的句子", short: "几乎一样", why: "意思和字几乎一样。同一个意图里多写一句没有用；在两个意图里会互相拉扯。" },
  nearer_to_other: { title: "更像另一个意图", short: "更像别的", why: "这句离另一个意图的大多数例句更近，读一读是不是放错了地方。" },
};

export interface Remedy {
  id: string;
  /** What the button says. */
  word: string;
  edit: Edit;
  isMain: boolean;
}

const remove = (intent: string, text: string): Edit => ({ edit: "remove_examples", intent, examples: [text] });
const move = (text: string, from: string, to: string): Edit => ({ edit: "move_examples", examples: [text], from, to });

/** The presses that a pair offers; leaving it as it is needs none. */
export function remediesOf(pair: Pair): Remedy[] {
  const { text, intent, other } = pair;
  if (pair.kind === "nearer_to_other") {
    return [
      { id: "move", word: `移到 ${other.intent}`, edit: move(text, intent, other.intent), isMain: true },
      { id: "remove", word: "删掉这句", edit: remove(intent, text), isMain: false },
    ];
  }
  if (intent === other.intent) {
    return [
      { id: "keep_first", word: "只留左边", edit: remove(intent, other.text), isMain: true },
      { id: "keep_second", word: "只留右边", edit: remove(intent, text), isMain: false },
    ];
  }
  const sides: Remedy[] = [
    { id: "keep_first", word: `只留在 ${intent}`, edit: remove(other.intent, other.text), isMain: true },
    { id: "keep_second", word: `只留在 ${other.intent}`, edit: remove(intent, text), isMain: true },
  ];
  if (pair.kind === "same_text") return sides;
  return [
    ...sides,
    { id: "move_second", word: `右边移到 ${intent}`, edit: move(other.text, other.intent, intent), isMain: false },
    { id: "move_first", word: `左边移到 ${other.intent}`, edit: move(text, intent, other.intent), isMain: false },
  ];
}

/** Tells one pair from another, whichever came first. */
export function keyOf(pair: Pair): string {
  const ends = [`${pair.intent}\n${pair.text}`, `${pair.other.intent}\n${pair.other.text}`];
  return [pair.kind, ...(pair.kind === "nearer_to_other" ? ends : ends.sort())].join("\n");
}
