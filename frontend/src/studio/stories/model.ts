/** What stands in a file of stories, rules or tests: the items with their steps, and the lines on which each of them is written. */
import { type Document, isMap, isScalar, isSeq, LineCounter, type Pair, parseDocument, type Range, type YAMLMap, type YAMLSeq } from "yaml";
import { danglingIn, TANGLED, type Trouble, troublesOf } from "./broken";
import { readStep, type Step } from "./steps";

export type ItemKind = "story" | "rule";

/** Lines `from` to below `to`, counted from 0. */
export interface Lines {
  from: number;
  to: number;
}

/** A step or an item on its lines: `lead` is where its comment begins, `lines` the thing itself. */
export interface Place {
  lead: number;
  lines: Lines;
  /** Columns before the dash. */
  column: number;
}

export interface PlacedStep {
  step: Step;
  place: Place;
  /** The words of the comment above it, and of the one on its first line. */
  comment: string;
  beside: string;
  source: string;
}

/** `list` is null where the key isn't there; `isBlock` is false where the list is written in one line, `[...]`. */
export interface StepList {
  steps: PlacedStep[];
  /** Lines of the key with all that belongs to it. */
  lines: Lines | null;
  isBlock: boolean;
}

export interface Item {
  kind: ItemKind;
  name: string;
  place: Place;
  /** The words of the comment above it. */
  comment: string;
  steps: StepList;
  condition: StepList;
  isAtStart: boolean;
  isWaiting: boolean;
  /** The pairs that stand on lines of their own; null where the item is written in one line, `{...}`. */
  pairs: Record<string, Lines> | null;
  /** Offsets of the name in the text. */
  nameRange: [number, number];
}

/** One of the two lists that a file has, on the lines of its key and its items. */
export interface ItemList {
  kind: ItemKind;
  lines: Lines;
  isBlock: boolean;
}

export interface Parsed {
  items: Item[];
  lists: ItemList[];
  /** Why the text can't be drawn; the items are then those of no text. */
  troubles: Trouble[];
  lines: string[];
}

const KINDS: readonly [string, ItemKind][] = [["stories", "story"], ["rules", "rule"]];

interface Reading {
  doc: Document;
  counter: LineCounter;
  lines: string[];
}

type Ranged = { range?: Range | null };

/** Offset behind the last sign of a node, without the comments and lines that come after it. */
function endOf(node: unknown): number {
  if (isMap(node) && !node.flow) return Math.max(0, ...node.items.map((pair) => Math.max(endOf(pair.key), endOf(pair.value))));
  if (isSeq(node) && !node.flow) return Math.max(0, ...node.items.map(endOf));
  const range = (node as Ranged | null)?.range;
  return range && range[1] > range[0] ? range[1] : 0;
}

function lineAt(reading: Reading, offset: number): number {
  return reading.counter.linePos(offset).line - 1;
}

/** The first line below a node that begins on line `from`. */
function below(reading: Reading, node: unknown, from: number): number {
  const end = endOf(node);
  let last = end === 0 ? from : Math.max(from, lineAt(reading, end - 1));
  while (last > from && (reading.lines[last] ?? "").trim() === "") last -= 1;
  return last + 1;
}

const COMMENT = /^\s*#/;

/** Where the comment begins that stands right above line `at`, not above line `limit`. */
function leadOf(lines: string[], at: number, limit: number): number {
  let lead = at;
  while (lead > limit && COMMENT.test(lines[lead - 1] ?? "")) lead -= 1;
  return lead;
}

function commentOf(lines: string[], place: Place): string {
  return lines.slice(place.lead, place.lines.from).map((line) => line.replace(/^\s*#\s?/, "").trimEnd()).join("\n");
}

/** The places of a list's entries, or null where it is not written with a dash on a line of its own for each. */
function placesOf(reading: Reading, seq: YAMLSeq, top: number): Place[] | null {
  const token = seq.srcToken;
  if (token?.type !== "block-seq") return null;
  let limit = top;
  const places: Place[] = [];
  const dashes = token.items.map((item) => item.start.find((each) => each.type === "seq-item-ind")?.offset);
  for (const [index, node] of seq.items.entries()) {
    const dash = dashes[index];
    if (dash === undefined) return null;
    const { line, col } = reading.counter.linePos(dash);
    const from = line - 1;
    if (from < limit) return null;
    const to = below(reading, node, from);
    places.push({ lead: leadOf(reading.lines, from, limit), lines: { from, to }, column: col - 1 });
    limit = to;
  }
  return places;
}

function pairOf(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((pair) => (isScalar(pair.key) ? pair.key.value : pair.key) === key);
}

function pairsOf(reading: Reading, map: YAMLMap): Record<string, Lines> | null {
  if (map.flow) return null;
  const found: Record<string, Lines> = {};
  for (const pair of map.items) {
    const range = (pair.key as Ranged | null)?.range;
    if (!isScalar(pair.key) || !range) return null;
    const from = lineAt(reading, range[0]);
    found[String(pair.key.value)] = { from, to: below(reading, pair.value, from) };
  }
  return found;
}

function listOf(reading: Reading, map: YAMLMap, key: string, lines: Lines | undefined): StepList {
  const seq = pairOf(map, key)?.value;
  if (!isSeq(seq)) return { steps: [], lines: lines ?? null, isBlock: false };
  const places = lines === undefined || seq.flow ? null : placesOf(reading, seq, lines.from + 1);
  const steps = seq.items.map((node, index): PlacedStep => {
    const place = places?.[index] ?? { lead: lines?.from ?? 0, lines: lines ?? { from: 0, to: 0 }, column: 0 };
    return {
      step: readStep(node, reading.doc),
      place,
      comment: places === null ? "" : commentOf(reading.lines, place),
      beside: places === null ? "" : (/\s#\s*([^"']*)$/.exec(reading.lines[place.lines.from] ?? "")?.[1]?.trimEnd() ?? ""),
      source: reading.lines.slice(place.lines.from, place.lines.to).map((line) => line.slice(place.column)).join("\n"),
    };
  });
  return { steps, lines: lines ?? null, isBlock: places !== null };
}

function readItem(reading: Reading, map: YAMLMap, kind: ItemKind, place: Place): Item | null {
  const name = pairOf(map, kind);
  if (name === undefined) return null;
  const pairs = pairsOf(reading, map);
  const whole = pairs ?? { steps: place.lines, condition: place.lines };
  const range = (name.value as Ranged | null)?.range;
  return {
    kind,
    name: String(isScalar(name.value) ? (name.value.value ?? "") : ""),
    place,
    comment: commentOf(reading.lines, place),
    steps: listOf(reading, map, "steps", whole["steps"]),
    condition: listOf(reading, map, "condition", whole["condition"]),
    isAtStart: map.get("conversation_start") === true,
    isWaiting: map.get("wait_for_user_input") !== false,
    pairs,
    nameRange: [range?.[0] ?? 0, range?.[1] ?? 0],
  };
}

function shapeTrouble(reading: Reading, offset: number, message: string): Trouble {
  const { line, col } = reading.counter.linePos(offset);
  return { line, column: col, message };
}

function readList(reading: Reading, root: YAMLMap, key: string, kind: ItemKind): { list: ItemList | null; items: Item[]; troubles: Trouble[] } {
  const pair = pairOf(root, key);
  const start = (pair?.key as Ranged | undefined)?.range?.[0];
  if (pair === undefined || start === undefined) return { list: null, items: [], troubles: [] };
  const from = lineAt(reading, start);
  const lines = { from, to: below(reading, pair.value, from) };
  const isEmpty = pair.value === null || (isScalar(pair.value) && pair.value.value === null) || (isSeq(pair.value) && pair.value.items.length === 0);
  if (isEmpty) return { list: { kind, lines, isBlock: false }, items: [], troubles: [] };
  if (!isSeq(pair.value)) return { list: null, items: [], troubles: [shapeTrouble(reading, start, `${key} 下面要一条一条写，每条前面一个短横“-”。`)] };
  const places = placesOf(reading, pair.value, from + 1);
  if (places === null) return { list: null, items: [], troubles: [shapeTrouble(reading, start, `${key} 写成了一行，图上画不了，请在 YAML 里改。`)] };
  const items: Item[] = [];
  const troubles: Trouble[] = [];
  for (const [index, node] of pair.value.items.entries()) {
    const place = places[index];
    const item = place && isMap(node) ? readItem(reading, node, kind, place) : null;
    if (item !== null) items.push(item);
    else if (place) troubles.push({ line: place.lines.from + 1, column: place.column + 1, message: `这一条缺少“${kind}: 名字”。` });
  }
  return { list: { kind, lines, isBlock: true }, items, troubles };
}

function listsOf(reading: Reading, root: YAMLMap): ReturnType<typeof readList>[] | null {
  try {
    return KINDS.map(([key, kind]) => readList(reading, root, key, kind));
  } catch (error) {
    if (error instanceof ReferenceError) return null;
    throw error;
  }
}

function readText(text: string): Parsed {
  const counter = new LineCounter();
  const doc = parseDocument(text, { lineCounter: counter, keepSourceTokens: true, logLevel: "silent" });
  const lines = text.split("\n");
  const reading = { doc, counter, lines };
  const broken = doc.errors.length > 0 ? troublesOf(doc.errors) : danglingIn(doc, counter);
  if (broken.length > 0) return { items: [], lists: [], troubles: broken, lines };
  const root = doc.contents;
  if (root === null || (isScalar(root) && root.value === null)) return { items: [], lists: [], troubles: [], lines };
  if (!isMap(root)) return { items: [], lists: [], troubles: [{ line: 1, column: 1, message: "这里要先写 stories: 或 rules:，下面再一条一条写。" }], lines };
  const found = listsOf(reading, root);
  if (found === null) return { items: [], lists: [], troubles: [TANGLED], lines };
  const items = found.flatMap((each) => each.items).sort((one, two) => one.place.lines.from - two.place.lines.from);
  return { items, lists: found.flatMap((each) => each.list ?? []), troubles: found.flatMap((each) => each.troubles), lines };
}

/** An edit reads its text before and after, and the page the same again. */
const KEPT = 6;
const kept = new Map<string, Parsed>();

/** The items of a text in the order of its lines; with troubles where it is no sound YAML or not what such a file has. */
export function parse(text: string): Parsed {
  const found = kept.get(text) ?? readText(text);
  kept.delete(text);
  kept.set(text, found);
  for (const oldest of kept.keys()) if (kept.size > KEPT) kept.delete(oldest);
  return found;
}

/** The item and the step that line `line` (from 1) belongs to. */
export function findLine(items: readonly Item[], line: number): { item: number; step: number | null } | null {
  const at = line - 1;
  const item = items.findIndex(({ place }) => place.lead <= at && at < place.lines.to);
  const found = items[item];
  if (found === undefined) return null;
  const step = found.steps.isBlock ? found.steps.steps.findIndex(({ place }) => place.lead <= at && at < place.lines.to) : -1;
  return { item, step: step < 0 ? null : step };
}
