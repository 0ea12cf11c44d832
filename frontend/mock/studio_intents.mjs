/** The mock's routes of intents, examples, search and neighbours: the real files of data/nlu, changed in memory by the edits of change sets. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

const FOLDER = join(import.meta.dirname, "../../data/nlu");
const PAGE = 100;

class Refusal extends Error {
  constructor(status, code, message, more = {}) {
    super(message);
    Object.assign(this, { status, body: { error: { code, message, ...more } } });
  }
}

/** name -> { path, examples: [text] } */
const intents = new Map();
for (const file of readdirSync(FOLDER).filter((name) => name.endsWith(".yml"))) {
  for (const part of parse(readFileSync(join(FOLDER, file), "utf8")).nlu ?? []) {
    if (!part.intent) continue;
    const examples = String(part.examples).split("\n").map((line) => line.replace(/^- /, "").trim()).filter(Boolean);
    intents.set(part.intent, { path: `data/nlu/${file}`, examples });
  }
}

const usedIn = (name) =>
  name === "grief" ? [] : [
    { path: "data/rules/telling.yml", line: 5, kind: "rules", name: `${name} is listened to` },
    { path: "data/stories/listening.yml", line: 12, kind: "stories", name: `${name} over several turns` },
    { path: "tests/dialogue/topics.yml", line: 40, kind: "tests", name: `${name} over several turns` },
  ].slice(0, 1 + (name.length % 3));

const figure = (name, at) => (name.startsWith("export") ? null : Math.round((0.55 + ((name.length * 37 + at * 11) % 45) / 100) * 1000) / 1000);

function listed() {
  const lines = [...intents].map(([name, { path, examples }], at) => {
    const f1 = figure(name, at);
    return { name, examples: examples.length, f1, precision: f1, recall: f1, used_in: usedIn(name), path };
  });
  return { intents: lines, total_examples: lines.reduce((sum, one) => sum + one.examples, 0), figures_of: "m2" };
}

function known(name) {
  const found = intents.get(name);
  if (!found) throw new Refusal(404, "not_found", "没有这个意图。");
  return found;
}

function examples(name, query) {
  const { path, examples: all } = known(name);
  const wanted = query.get("q") ?? "";
  const found = all.map((text, at) => ({ text, path, line: at + 5 })).filter((one) => one.text.includes(wanted));
  const page = Number(query.get("page") ?? 1);
  return { examples: found.slice((page - 1) * PAGE, page * PAGE), total: found.length, page };
}

function search(query) {
  const wanted = query.get("q") ?? "";
  const isMeaning = query.get("by") === "meaning";
  const hits = [];
  for (const [intent, { path, examples: all }] of intents) {
    all.forEach((text, at) => {
      const shared = [...new Set(wanted)].filter((sign) => text.includes(sign)).length / Math.max(1, new Set(wanted).size);
      if (isMeaning ? shared > 0.6 : text.includes(wanted)) hits.push({ text, intent, path, line: at + 5, similarity: isMeaning ? 0.75 + shared / 5 - text.length / 2000 : 1 });
    });
  }
  if (isMeaning) hits.sort((a, b) => b.similarity - a.similarity);
  return { hits: hits.slice(0, 50), milliseconds: isMeaning ? 148 : 6 };
}

const side = (intent, at) => ({ text: known(intent).examples[at] ?? "晚上睡不着", intent, path: known(intent).path, line: at + 5 });
const pairs = [
  { kind: "same_text", ...side("sleep_problem", 3), other: { ...side("anxiety", 2), text: side("sleep_problem", 3).text }, similarity: 1 },
  { kind: "near_duplicate", ...side("work_stress", 1), other: side("burnout", 4), similarity: 0.972 },
  { kind: "near_duplicate", ...side("grief", 1), other: side("grief", 9), similarity: 0.981 },
  { kind: "nearer_to_other", ...side("relationship", 7), other: side("family_conflict", 2), similarity: 0.884 },
  { kind: "nearer_to_other", ...side("low_mood", 7), other: side("self_worth", 2), similarity: 0.871 },
];

function neighbours(query) {
  const kind = query.get("kind");
  const stands = (one) => intents.get(one.intent)?.examples.includes(one.text) || one.kind === "same_text";
  const found = pairs.filter((pair) => (!kind || pair.kind === kind) && !pair.isGone && stands(pair));
  return { pairs: found, total: found.length };
}

const DEEDS = {
  add_examples(body) {
    const one = known(body.intent);
    const fresh = body.examples.filter((text) => !one.examples.includes(text));
    one.examples.push(...fresh);
    return `加了 ${fresh.length} 句到 ${body.intent}。`;
  },
  remove_examples(body) {
    const one = known(body.intent);
    one.examples = one.examples.filter((text) => !body.examples.includes(text));
    for (const pair of pairs) if (body.examples.includes(pair.text) || body.examples.includes(pair.other.text)) pair.isGone = true;
    return `从 ${body.intent} 删了 ${body.examples.length} 句。`;
  },
  move_examples(body) {
    const from = known(body.from);
    const to = known(body.to);
    from.examples = from.examples.filter((text) => !body.examples.includes(text));
    to.examples.push(...body.examples);
    return `移了 ${body.examples.length} 句到 ${body.to}。`;
  },
  change_example(body) {
    const one = known(body.intent);
    const at = one.examples.indexOf(body.old);
    if (at < 0) throw new Refusal(409, "edited_meanwhile", "这句刚才被别人改过了，看看现在的再改。");
    one.examples[at] = body.new;
    return "改了一句。";
  },
  add_intent(body) {
    if (!/^[a-z][a-z0-9_]+$/.test(body.intent)) throw new Refusal(422, "incomplete", "意图的名字只能用小写字母、数字和下划线。", { fields: ["intent"] });
    if (intents.has(body.intent)) throw new Refusal(422, "incomplete", "已经有这个意图了。", { fields: ["intent"] });
    intents.set(body.intent, { path: `data/nlu/${body.intent}.yml`, examples: [...body.examples] });
    return `新建了 ${body.intent}。`;
  },
  rename_intent(body) {
    const one = known(body.intent);
    intents.delete(body.intent);
    intents.set(body.to, one);
    return `${body.intent} 改名为 ${body.to}，12 处跟着改了。`;
  },
  delete_intent(body) {
    const stories = usedIn(body.intent);
    if (stories.length > 0 && !body.force) {
      throw new Refusal(422, "incomplete", `${stories.length} 处还在用它：${stories.map((one) => `${one.path} 第 ${one.line} 行`).join("、")}。`, { fields: ["intent"] });
    }
    intents.delete(body.intent);
    return `删掉了 ${body.intent}。`;
  },
};

/** What an edit of a change set did, in words. */
export function applyEdit(body) {
  const deed = DEEDS[body.edit];
  if (!deed) throw new Refusal(422, "incomplete", "不认识这种修改。", { fields: ["edit"] });
  const path = intents.get(body.intent ?? body.from)?.path ?? "data/nlu/new.yml";
  return { files: [path], summary: deed(body) };
}

function found(method, path, query) {
  if (method !== "GET") return undefined;
  if (path === "intents") return listed();
  if (path === "search") return search(query);
  if (path === "neighbours") return neighbours(query);
  const [, name] = /^intents\/([^/]+)\/examples$/.exec(path) ?? [];
  return name === undefined ? undefined : examples(decodeURIComponent(name), query);
}

/** Status and body, or null for a call that is not ours. */
export function answer(method, path, query) {
  try {
    const body = found(method, path, query);
    return body === undefined ? null : { status: 200, body };
  } catch (error) {
    if (error instanceof Refusal) return { status: error.status, body: error.body };
    throw error;
  }
}
