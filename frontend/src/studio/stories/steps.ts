/** The steps of a story, rule or test: read out of YAML nodes, and written back into the same nodes so that comments stay. */
import { type Document, isAlias, isMap, isNode, isScalar, isSeq, type Node, type YAMLMap, type YAMLSeq } from "yaml";

/** An entity that a worker's words contain; `rest` has role and group. */
export interface Mark {
  entity: string;
  hasValue: boolean;
  value: unknown;
  rest: Record<string, unknown>;
}

/** What a worker says: an intent, in tests also the words, in which `[北京](place)` marks an entity. */
export interface Turn {
  intent: string;
  words: string | null;
  marks: Mark[];
}

/** A slot; without a value it only has to be set. */
export interface SlotValue {
  name: string;
  hasValue: boolean;
  value: unknown;
}

export type Step =
  | { kind: "worker"; turns: Turn[] }
  | { kind: "bot"; action: string }
  | { kind: "said"; words: string }
  | { kind: "loop"; form: string | null }
  | { kind: "slots"; slots: SlotValue[] }
  | { kind: "checkpoint"; name: string; slots: SlotValue[] }
  | { kind: "other" };

export type StepKind = Step["kind"];

const plain = (node: unknown, doc: Document): unknown => (isNode(node) ? node.toJS(doc) : node);
const asText = (value: unknown): string => (value === null || value === undefined ? "" : String(value));

function resolved(node: unknown, doc: Document): unknown {
  return isAlias(node) ? node.resolve(doc) : node;
}

function valueOf(map: YAMLMap, key: string, doc: Document): unknown {
  return plain(map.get(key, true), doc);
}

function entries(node: unknown, doc: Document): unknown[] | null {
  const found = resolved(node, doc);
  return isSeq(found) ? found.items.map((item) => plain(item, doc)) : null;
}

const MARK_REST = new Set(["role", "group"]);

function readMark(found: unknown): Mark | null {
  if (typeof found === "string") return { entity: found, hasValue: false, value: null, rest: {} };
  if (typeof found !== "object" || found === null || Array.isArray(found)) return null;
  const pairs = Object.entries(found);
  const own = pairs.filter(([key]) => !MARK_REST.has(key));
  const [first] = own;
  if (first === undefined || own.length !== 1) return null;
  return { entity: first[0], hasValue: true, value: first[1], rest: Object.fromEntries(pairs.filter(([key]) => MARK_REST.has(key))) };
}

function readSlot(found: unknown): SlotValue | null {
  if (typeof found === "string") return { name: found, hasValue: false, value: null };
  if (typeof found !== "object" || found === null || Array.isArray(found)) return null;
  const [first, ...others] = Object.entries(found);
  return first === undefined || others.length > 0 ? null : { name: first[0], hasValue: true, value: first[1] };
}

function all<T>(list: (T | null)[] | null): T[] | null {
  return list === null || list.includes(null) ? null : (list as T[]);
}

function readSlots(map: YAMLMap, doc: Document): SlotValue[] | null {
  return map.has("slot_was_set") ? all(entries(map.get("slot_was_set", true), doc)?.map(readSlot) ?? null) : [];
}

function readTurn(node: unknown, doc: Document): Turn | null {
  const map = resolved(node, doc);
  if (!isMap(map) || !(map.has("intent") || map.has("user"))) return null;
  const marks = map.has("entities") ? all(entries(map.get("entities", true), doc)?.map(readMark) ?? null) : [];
  if (marks === null) return null;
  return { intent: asText(valueOf(map, "intent", doc)), words: map.has("user") ? asText(valueOf(map, "user", doc)) : null, marks };
}

/** The step of one entry of `steps` or `condition`; `other` where it is written in a way that the picture doesn't draw. */
export function readStep(node: unknown, doc: Document): Step {
  const map = resolved(node, doc);
  if (!isMap(map)) return { kind: "other" };
  const turn = readTurn(map, doc);
  if (turn !== null) return { kind: "worker", turns: [turn] };
  if (map.has("or")) {
    const either = resolved(map.get("or", true), doc);
    const turns = isSeq(either) ? all(either.items.map((item) => readTurn(item, doc))) : null;
    return turns === null || turns.length === 0 ? { kind: "other" } : { kind: "worker", turns };
  }
  if (map.has("action")) return { kind: "bot", action: asText(valueOf(map, "action", doc)) };
  if (map.has("bot")) return { kind: "said", words: asText(valueOf(map, "bot", doc)) };
  if (map.has("active_loop")) {
    const form = valueOf(map, "active_loop", doc);
    return { kind: "loop", form: form === null ? null : asText(form) };
  }
  const slots = readSlots(map, doc);
  if (slots === null) return { kind: "other" };
  if (map.has("checkpoint")) return { kind: "checkpoint", name: asText(valueOf(map, "checkpoint", doc)), slots };
  return slots.length > 0 ? { kind: "slots", slots } : { kind: "other" };
}

export function isSame(one: unknown, two: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(two);
}

const markAsYaml = (mark: Mark): unknown => (mark.hasValue ? { [mark.entity]: mark.value, ...mark.rest } : mark.entity);
const slotAsYaml = (slot: SlotValue): unknown => (slot.hasValue ? { [slot.name]: slot.value } : slot.name);

function turnAsYaml(turn: Turn): Record<string, unknown> {
  const marks = turn.marks.map(markAsYaml);
  return {
    ...(turn.words === null ? {} : { user: turn.words }),
    ...(turn.intent === "" && turn.words !== null ? {} : { intent: turn.intent }),
    ...(marks.length === 0 ? {} : { entities: marks }),
  };
}

/** The step as plain values, keys in the order in which Rasa's own files have them. */
export function asYaml(step: Step): Record<string, unknown> {
  if (step.kind === "worker") return step.turns.length === 1 && step.turns[0] ? turnAsYaml(step.turns[0]) : { or: step.turns.map(turnAsYaml) };
  if (step.kind === "bot") return { action: step.action };
  if (step.kind === "said") return { bot: step.words };
  if (step.kind === "loop") return { active_loop: step.form };
  if (step.kind === "slots") return { slot_was_set: step.slots.map(slotAsYaml) };
  if (step.kind === "checkpoint") return { checkpoint: step.name, ...(step.slots.length === 0 ? {} : { slot_was_set: step.slots.map(slotAsYaml) }) };
  return {};
}

const OURS = ["user", "intent", "entities", "or", "action", "bot", "active_loop", "slot_was_set", "checkpoint"];
const isOurs = (key: string): boolean => OURS.includes(key);

/** A list that has `wanted`: entries that stay keep their node, and one that changes keeps the comment beside it. */
function fitList(doc: Document, seq: YAMLSeq, wanted: unknown[], fit: (node: unknown, value: unknown) => unknown): void {
  const before = [...seq.items];
  const left = new Set(before);
  const kept = wanted.map((value) => {
    const same = before.find((node) => left.has(node) && isSame(plain(node, doc), value));
    left.delete(same);
    return same;
  });
  seq.items = wanted.map((value, place) => {
    const same = kept[place];
    if (same !== undefined) return same;
    const old = before[place];
    if (!left.has(old)) return doc.createNode(value);
    left.delete(old);
    return fit(old, value);
  });
}

function withComments(made: Node, old: unknown): Node {
  if (isNode(old)) {
    if (old.comment) made.comment = old.comment;
    if (old.commentBefore) made.commentBefore = old.commentBefore;
  }
  return made;
}

function fitNode(doc: Document, old: unknown, value: unknown): unknown {
  if (isMap(old) && typeof value === "object" && value !== null && !Array.isArray(value)) {
    const isTurn = "intent" in value || "user" in value;
    fitMap(doc, old, value as Record<string, unknown>, isTurn ? isOurs : () => true);
    return old;
  }
  return withComments(doc.createNode(value) as Node, old);
}

/** Makes `map` say `wanted`: what is equal isn't touched; of what isn't wanted only the keys that `owns` goes. */
function fitMap(doc: Document, map: YAMLMap, wanted: Record<string, unknown>, owns: (key: string) => boolean): void {
  for (const pair of [...map.items]) {
    const key = asText(plain(pair.key, doc));
    if (!(key in wanted) && owns(key)) map.delete(pair.key);
  }
  const isNewFirst = map.items.length > 0;
  for (const [key, value] of Object.entries(wanted)) {
    const old = map.get(key, true);
    if (map.has(key) && isSame(plain(old, doc), value)) continue;
    if (isSeq(old) && Array.isArray(value)) fitList(doc, old, value, (node, each) => fitNode(doc, node, each));
    else if (isScalar(old) && (typeof value !== "object" || value === null)) old.value = value;
    else if (key === "user" && isNewFirst && !map.has(key)) map.items.unshift(doc.createPair(key, value));
    else map.set(key, doc.createNode(value));
  }
}

/** Changes the node of a step to say `step`. */
export function fitStep(doc: Document, map: YAMLMap, step: Step): void {
  const wanted = asYaml(step);
  const either = map.get("or", true);
  // One of several is left, or one becomes several: the node that stays moves in or out of `or`.
  if ("or" in wanted && !isSeq(either)) {
    const first = doc.createNode({}) as YAMLMap;
    first.items = map.items.filter((pair) => isOurs(asText(plain(pair.key, doc))));
    map.items = map.items.filter((pair) => !first.items.includes(pair));
    const seq = doc.createNode([]) as YAMLSeq;
    seq.items = [first];
    map.set("or", seq);
  } else if (!("or" in wanted) && isSeq(either)) {
    const stays = either.items.find((node) => isMap(node) && isSame(plain(node, doc), wanted)) ?? either.items[0];
    map.delete("or");
    if (isMap(stays)) map.items.push(...stays.items);
  }
  fitMap(doc, map, wanted, isOurs);
}
