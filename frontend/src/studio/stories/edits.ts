/** Edits of a file of stories or rules: text in, text out; only the lines of what is edited change, every other byte stays. */
import { Document, isMap, isSeq, parseDocument, type YAMLMap } from "yaml";
import { type Item, type ItemKind, type Lines, parse, type Parsed, type Place, type StepList } from "./model";
import { asYaml, fitStep, isSame, type Step } from "./steps";

/** Why an edit isn't done, for the reader; the text is then as it was. */
export class EditRefused extends Error {}

export type ListName = "steps" | "condition";

/** Where a step stands or shall stand. */
export interface Where {
  item: number;
  list: ListName;
  at: number;
}

const IN_YAML = "这里的写法图上改不了，请在右边的 YAML 里改。";
const FORMS = { lineWidth: 0, flowCollectionPadding: false } as const;
const LIST_KEYS: Record<ItemKind, string> = { story: "stories", rule: "rules" };

/** An opened file, with `\n` for every end of a line; `eol` is what stands for it in the file. */
interface Text {
  text: string;
  parsed: Parsed;
  lines: string[];
  /** Whether lists stand two columns right of their key, as in this file's other places. */
  indentSeq: boolean;
  eol: "\n" | "\r\n";
}

const columnOf = (line: string | undefined): number => /^ */.exec(line ?? "")?.[0].length ?? 0;

function isIndented(parsed: Parsed): boolean {
  for (const { steps } of parsed.items) {
    const [first] = steps.steps;
    if (first && steps.isBlock && steps.lines) return first.place.column > columnOf(parsed.lines[steps.lines.from]);
  }
  const [item] = parsed.items;
  return item !== undefined && item.place.column > 0;
}

function open(from: string): Text {
  const isWindows = from.includes("\r\n") && !/[^\r]\n/.test(from);
  const text = isWindows ? from.replaceAll("\r\n", "\n") : from;
  const parsed = parse(text);
  if (parsed.troubles.length > 0 && parsed.lists.length === 0) throw new EditRefused("YAML 里有一处还没写对，先改好它，图上才能接着改。");
  return { text, parsed, lines: parsed.lines, indentSeq: isIndented(parsed), eol: isWindows ? "\r\n" : "\n" };
}

function itemOf(file: Text, item: number): Item {
  const found = file.parsed.items[item];
  if (found === undefined) throw new EditRefused("这一条已经不在了。");
  return found;
}

/** The text with lines `from` to below `to` replaced; the outcome can be read, or the edit is refused. */
function spliced(file: Text, from: number, to: number, lines: readonly string[]): string {
  return checked(file, [...file.lines.slice(0, from), ...lines, ...file.lines.slice(to)].join("\n"));
}

function checked(file: Text, text: string): string {
  if (parse(text).troubles.length > file.parsed.troubles.length) throw new EditRefused(IN_YAML);
  return file.eol === "\n" ? text : text.replaceAll("\n", file.eol);
}

function indented(yaml: string, column: number): string[] {
  return yaml.trimEnd().split("\n").map((line) => (line === "" ? line : " ".repeat(column) + line));
}

/** Lines of a list entry, changed as the node that they are when they stand alone. */
function rewritten(file: Text, place: Place, change: (doc: Document, map: YAMLMap) => void): string[] {
  const source = file.lines.slice(place.lines.from, place.lines.to).map((line) => line.slice(place.column).trimEnd());
  const doc = parseDocument(source.join("\n"), { logLevel: "silent" });
  const entry = isSeq(doc.contents) ? doc.contents.items[0] : undefined;
  if (doc.errors.length > 0 || !isMap(entry)) throw new EditRefused(IN_YAML);
  try {
    change(doc, entry);
    return indented(doc.toString({ ...FORMS, indentSeq: file.indentSeq }), place.column);
  } catch (error) {
    if (error instanceof ReferenceError) throw new EditRefused(IN_YAML);
    throw error;
  }
}

function stepLines(file: Text, steps: readonly Step[], column: number): string[] {
  return steps.flatMap((step) => indented(new Document([asYaml(step)]).toString({ ...FORMS, indentSeq: file.indentSeq }), column));
}

/** The file opened with the item's list one entry a line, rewritten so where it was in one line. */
function unfolded(text: string, item: number, list: ListName): Text {
  const before = open(text);
  const found = itemOf(before, item);
  const entries = found[list];
  const isFlowItem = found.pairs === null;
  if (!isFlowItem && (entries.isBlock || entries.steps.length === 0)) return before;
  const { from, to } = found.place.lines;
  const lines = rewritten(before, found.place, (_doc, map) => {
    map.flow = false;
    const seq = map.get(list, true);
    if (isSeq(seq)) seq.flow = seq.items.length === 0;
  });
  return open(spliced(before, from, to, lines));
}

function stepOf(list: StepList, at: number): StepList["steps"][number] {
  const found = list.steps[at];
  if (found === undefined) throw new EditRefused("这一步已经不在了。");
  return found;
}

/** The step says something else; the text itself when it said so already. */
export function setStep(text: string, where: Where, step: Step): string {
  const entry = stepOf(itemOf(open(text), where.item)[where.list], where.at);
  if (isSame(entry.step, step)) return text;
  const file = unfolded(text, where.item, where.list);
  const { place } = stepOf(itemOf(file, where.item)[where.list], where.at);
  const lines = rewritten(file, place, (doc, map) => fitStep(doc, map, step));
  return spliced(file, place.lines.from, place.lines.to, lines);
}

/** Column at which the keys of an item stand. */
function keyColumn(file: Text, item: Item): number {
  const steps = item.pairs?.["steps"];
  const own = steps && steps.from > item.place.lines.from ? columnOf(file.lines[steps.from]) : 0;
  return own > 0 ? own : item.place.column + 2;
}

/** Where a pair may come that stands above the steps. */
function aboveSteps(item: Item): number {
  const first = item.pairs?.["condition"] ?? item.pairs?.["steps"];
  return first && first.from > item.place.lines.from ? first.from : item.place.lines.to;
}

/** The lines of the steps stand before `at`; at the end with `at` the number of steps. */
function insertLines(file: Text, where: Where, make: (column: number) => string[]): string {
  const item = itemOf(file, where.item);
  const list = item[where.list];
  const [first] = list.steps;
  if (first !== undefined) {
    const last = list.steps[list.steps.length - 1] ?? first;
    const line = list.steps[where.at]?.place.lead ?? last.place.lines.to;
    return spliced(file, line, line, make(first.place.column));
  }
  const column = keyColumn(file, item);
  const entries = make(column + (file.indentSeq ? 2 : 0));
  if (list.lines === null) {
    const line = where.list === "condition" ? aboveSteps(item) : item.place.lines.to;
    return spliced(file, line, line, [`${" ".repeat(column)}${where.list}:`, ...entries]);
  }
  const key = (file.lines[list.lines.from] ?? "").replace(/:\s*(\[\s*\]|null|~)?(?=\s*(#.*)?$)/, ":");
  return spliced(file, list.lines.from, list.lines.to, [key, ...entries]);
}

export function insertSteps(text: string, where: Where, steps: readonly Step[]): string {
  const file = unfolded(text, where.item, where.list);
  return insertLines(file, where, (column) => stepLines(file, steps, column));
}

export function duplicateStep(text: string, where: Where): string {
  const file = unfolded(text, where.item, where.list);
  const { place } = stepOf(itemOf(file, where.item)[where.list], where.at);
  const copy = file.lines.slice(place.lead, place.lines.to);
  return insertLines(file, { ...where, at: where.at + 1 }, () => copy);
}

export function removeStep(text: string, where: Where): string {
  const file = unfolded(text, where.item, where.list);
  const item = itemOf(file, where.item);
  const list = item[where.list];
  const { place } = stepOf(list, where.at);
  if (list.steps.length > 1 || list.lines === null) return spliced(file, place.lead, place.lines.to, []);
  if (where.list === "condition") return spliced(file, list.lines.from, list.lines.to, []);
  const key = (file.lines[list.lines.from] ?? "").replace(/:(?=\s*(#.*)?$)/, ": []");
  return spliced(file, list.lines.from, list.lines.to, [key]);
}

/** Blocks change their order; what stands between them stays where it is. */
function moved(file: Text, places: readonly Place[], from: number, to: number): string {
  const order = places.map((_place, index) => index);
  order.splice(to, 0, ...order.splice(from, 1));
  const first = places[0];
  const last = places[places.length - 1];
  if (first === undefined || last === undefined) return file.text;
  const lines = order.flatMap((index, slot) => {
    const block = places[index] ?? first;
    const gapFrom = places[slot]?.lines.to ?? 0;
    const gapTo = places[slot + 1]?.lead ?? gapFrom;
    return [...file.lines.slice(block.lead, block.lines.to), ...file.lines.slice(gapFrom, gapTo)];
  });
  return spliced(file, first.lead, last.lines.to, lines);
}

export function moveStep(text: string, where: Where, to: number): string {
  const { steps } = itemOf(open(text), where.item)[where.list];
  if (to === where.at || to < 0 || to >= steps.length) return text;
  const file = unfolded(text, where.item, where.list);
  return moved(file, itemOf(file, where.item)[where.list].steps.map(({ place }) => place), where.at, to);
}

/** The comment above an item, or above the step at `where`; lines of an empty text are no lines. */
export function setComment(text: string, item: number, where: Where | null, comment: string): string {
  const file = where === null ? open(text) : unfolded(text, item, where.list);
  const found = itemOf(file, item);
  const { place, comment: before } = where === null ? found : stepOf(found[where.list], where.at);
  const wanted = comment.trim();
  if (wanted === before) return text;
  const lines = wanted === "" ? [] : wanted.split("\n").map((line) => `${" ".repeat(place.column)}# ${line.trim()}`.trimEnd());
  return spliced(file, place.lead, place.lines.from, lines);
}

export type Flag = "conversation_start" | "wait_for_user_input";

/** Rasa's two switches of a rule; null takes the line away. */
export function setFlag(text: string, item: number, flag: Flag, value: boolean | null): string {
  const file = unfolded(text, item, "steps");
  const found = itemOf(file, item);
  const lines = found.pairs?.[flag];
  const own = value === null ? [] : [`${" ".repeat(keyColumn(file, found))}${flag}: ${String(value)}`];
  if (lines !== undefined) {
    if (lines.from === found.place.lines.from) throw new EditRefused(IN_YAML);
    return spliced(file, lines.from, lines.to, own);
  }
  const line = flag === "conversation_start" ? aboveSteps(found) : found.place.lines.to;
  return spliced(file, line, line, own);
}

const scalar = (value: string): string => new Document(value).toString(FORMS).trim();

export function renameItem(text: string, item: number, name: string): string {
  const file = open(text);
  const found = itemOf(file, item);
  const wanted = name.trim().replace(/\s+/g, " ");
  if (wanted === "") throw new EditRefused("名字不能空着。");
  if (wanted === found.name) return text;
  const [from, to] = found.nameRange;
  if (from === to || file.text.slice(from, to).includes("\n")) throw new EditRefused(IN_YAML);
  return checked(file, file.text.slice(0, from) + scalar(wanted) + file.text.slice(to));
}

function blockLines(file: Text, kind: ItemKind, name: string, steps: readonly Step[], column: number): string[] {
  const pad = " ".repeat(column);
  const head = [`${pad}- ${kind}: ${scalar(name)}`, `${pad}  steps:${steps.length === 0 ? " []" : ""}`];
  return [...head, ...stepLines(file, steps, column + 2 + (file.indentSeq ? 2 : 0))];
}

const itemsOf = (parsed: Parsed, kind: ItemKind): Item[] => parsed.items.filter((each) => each.kind === kind);

/** Whether a blank line stands between the items of a list; so it is where there are fewer than two. */
function isSpaced(items: readonly Item[]): boolean {
  const [first, second] = items;
  return first === undefined || second === undefined || second.place.lead > first.place.lines.to;
}

/** A new item at the end of its list; the list is made where the file has none. */
export function addItem(text: string, kind: ItemKind, name: string, steps: readonly Step[]): string {
  const file = open(text);
  const wanted = name.trim().replace(/\s+/g, " ");
  if (wanted === "") throw new EditRefused("名字不能空着。");
  const others = itemsOf(file.parsed, kind);
  const last = others[others.length - 1];
  if (last !== undefined) {
    const lines = blockLines(file, kind, wanted, steps, last.place.column);
    const isLastLine = last.place.lines.to === file.lines.length;
    return spliced(file, last.place.lines.to, last.place.lines.to, [...(isSpaced(others) ? [""] : []), ...lines, ...(isLastLine ? [""] : [])]);
  }
  const lines = blockLines(file, kind, wanted, steps, file.indentSeq ? 2 : 0);
  const list = file.parsed.lists.find((each) => each.kind === kind);
  if (list !== undefined) return spliced(file, list.lines.from, list.lines.to, [`${LIST_KEYS[kind]}:`, ...lines]);
  const end = file.text.trimEnd() === "" ? 0 : file.text.trimEnd().split("\n").length;
  return spliced(file, end, file.lines.length, [...(end === 0 ? ['version: "3.1"', ""] : [""]), `${LIST_KEYS[kind]}:`, ...lines, ""]);
}

export function removeItem(text: string, item: number): string {
  const file = open(text);
  const found = itemOf(file, item);
  const others = itemsOf(file.parsed, found.kind);
  const list = file.parsed.lists.find((each) => each.kind === found.kind);
  if (others.length === 1 && list !== undefined) return spliced(file, list.lines.from, list.lines.to, [`${LIST_KEYS[found.kind]}: []`]);
  const here = others.indexOf(found);
  const next = others[here + 1]?.place.lead;
  const before = others[here - 1]?.place.lines.to;
  const isBlank = (lines: Lines): boolean => file.lines.slice(lines.from, lines.to).every((line) => line.trim() === "");
  const { lead, lines } = found.place;
  if (next !== undefined && isBlank({ from: lines.to, to: next })) return spliced(file, lead, next, []);
  if (next === undefined && before !== undefined && isBlank({ from: before, to: lead })) return spliced(file, before, lines.to, []);
  return spliced(file, lead, lines.to, []);
}

/** A copy right below, under another name. */
export function duplicateItem(text: string, item: number, name: string): string {
  const file = open(text);
  const found = itemOf(file, item);
  const { lead, lines } = found.place;
  const spacer = isSpaced(itemsOf(file.parsed, found.kind)) ? [""] : [];
  const copied = spliced(file, lines.to, lines.to, [...spacer, ...file.lines.slice(lead, lines.to), ...(lines.to === file.lines.length ? [""] : [])]);
  return renameItem(copied, item + 1, name);
}

/** Moves an item up or down among those of its kind. */
export function moveItem(text: string, item: number, by: -1 | 1): string {
  const file = open(text);
  const found = itemOf(file, item);
  const others = itemsOf(file.parsed, found.kind);
  const from = others.indexOf(found);
  const to = from + by;
  if (to < 0 || to >= others.length) return text;
  return moved(file, others.map(({ place }) => place), from, to);
}
