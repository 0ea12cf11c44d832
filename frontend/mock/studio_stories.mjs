/**
 * The mock's stories, rules, responses and files: those of the repository, changed in memory by change sets.
 * Words that make trouble in a file: 冲突 (somebody else wrote it meanwhile), 断开 (the gateway fails).
 */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { parse, parseDocument } from "yaml";

const ROOT = join(import.meta.dirname, "../..");
const FOLDERS = ["data", "content", "tests/dialogue"];

class Refusal extends Error {
  constructor(status, code, message, more = {}) {
    super(message);
    Object.assign(this, { status, body: { error: { code, message, ...more } } });
  }
}

function walk(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((each) => {
    const path = join(folder, each.name);
    return each.isDirectory() ? walk(path) : /\.(yml|txt)$/.test(each.name) ? [relative(ROOT, path)] : [];
  });
}

const base = new Map(["domain.yml", ...FOLDERS.flatMap((folder) => walk(join(ROOT, folder)))].map((path) => [path, readFileSync(join(ROOT, path), "utf8")]));
base.set("data/stories/branches.yml", `version: "3.1"

# Stories that go on in each other, to look at.
stories:
- story: 开头：问要不要练习
  steps:
  - intent: anxiety
  - action: action_support
  - checkpoint: 问过练习

# when it is wanted
- story: 要练
  steps:
  - checkpoint: 问过练习
  - or:
    - intent: affirm
    - intent: start_exercise
  - action: action_choose_exercise
  - slot_was_set:
    - exercise_opens: true
  - action: exercise_form
  - active_loop: exercise_form

- story: 不要练
  steps:
  - checkpoint: 问过练习
  - intent: deny # 也可能不吭声
  - action: action_take_answer
  - checkpoint: 以后再说
`);
/** change set -> path -> text */
const drafts = new Map();
const reviewed = new Map([["utter_reflect_work_stress", { by: "何医生", at: "2026-11-20T09:00:00+00:00" }]]);

const digest = (text) => (text === null || text === undefined ? "" : createHash("sha256").update(text).digest("hex").slice(0, 32));
const draftOf = (id) => drafts.get(String(id)) ?? drafts.set(String(id), new Map()).get(String(id));
const textOf = (path, id) => (id && draftOf(id).has(path) ? draftOf(id).get(path) : base.get(path));
const pathsOf = (id) => [...new Set([...base.keys(), ...(id ? draftOf(id).keys() : [])])].sort();
const kindOf = (path) =>
  path === "domain.yml" ? "domain" : path.startsWith("tests/") ? "tests" : path.startsWith("content/") ? "content"
    : path.startsWith("data/stories") ? "stories" : path.startsWith("data/rules") ? "rules" : "nlu";
const isClinical = (path) => (path.startsWith("content/") && !path.startsWith("content/jieba/")) || path.startsWith("tests/dialogue/safety/");
const lineOf = (text, piece) => text.slice(0, Math.max(0, text.indexOf(piece))).split("\n").length;

function read(text) {
  try {
    return parse(text) ?? {};
  } catch {
    return {};
  }
}

function stories(id) {
  const files = pathsOf(id).filter((path) => ["stories", "rules", "tests"].includes(kindOf(path)) && textOf(path, id));
  return files.flatMap((path) => {
    const text = textOf(path, id);
    const found = read(text);
    const items = [...(found.stories ?? []), ...(found.rules ?? [])].map((item) => {
      const name = item.story ?? item.rule;
      return { name, line: lineOf(text, `: ${name}`), steps: item.steps?.length ?? 0 };
    });
    return items.length === 0 && kindOf(path) === "tests" ? [] : [{ path, kind: kindOf(path), items }];
  });
}

const name = (each) => (typeof each === "string" ? each : Object.keys(each)[0]);

function domain(id) {
  const found = read(textOf("domain.yml", id));
  return {
    intents: found.intents.map(name), entities: found.entities.map(name), actions: found.actions, forms: Object.keys(found.forms),
    slots: Object.entries(found.slots).map(([slot, { type }]) => ({ name: slot, type })), responses: Object.keys(found.responses),
  };
}

function responses(id) {
  const text = textOf("domain.yml", id);
  const own = read(base.get("domain.yml")).responses;
  return Object.entries(read(text).responses).map(([response, wordings], at) => {
    const review = reviewed.get(response);
    const isChanged = JSON.stringify(own[response]) !== JSON.stringify(wordings);
    return {
      name: response, line: lineOf(text, `  ${response}:`), is_reached: at % 17 !== 5,
      wordings: wordings.map(({ text: words, buttons = [] }, place) => ({
        text: words, buttons, length: words.length,
        hints: [...(words.length > 90 ? [`太长：${words.length} 字，最好不超过 90 字`] : []), ...(/加油/.test(words) ? ["口号：“加油”听着像口号"] : []), ...(place === 0 && wordings.length < 3 ? [`只有 ${wordings.length} 种说法，最好有 3 种以上`] : [])],
      })),
      used_in: at % 17 === 5 ? [] : [{ path: "data/rules/telling.yml", line: 5 + at }],
      review: { state: review ? (isChanged ? "changed" : "reviewed") : "never", author: isChanged ? "吴老师" : null, reviewed_by: review?.by ?? null, reviewed_at: review?.at ?? null },
    };
  });
}

function files(id) {
  return pathsOf(id).map((path) => {
    const text = textOf(path, id);
    const state = !id || !draftOf(id).has(path) ? "same" : text === null ? "deleted" : base.has(path) ? "changed" : "new";
    return { path, kind: kindOf(path), is_clinical: isClinical(path), size: base.has(path) && path !== "data/stories/branches.yml" ? statSync(join(ROOT, path)).size : (text ?? "").length, state };
  });
}

function check(id) {
  const known = domain(id);
  const actions = new Set([...known.actions, ...known.responses, ...known.forms, "action_listen"]);
  const intents = new Set([...known.intents, "nlu_fallback"]);
  const issues = [];
  for (const { path } of stories(id)) {
    textOf(path, id).split("\n").forEach((line, at) => {
      const [, key, value] = /^\s*(?:- )?(intent|action): *"?([^\s"#]*)/.exec(line) ?? [];
      const set = key === "intent" ? intents : actions;
      if (key && !set.has(value)) issues.push({ severity: "error", code: "unknown", path, line: at + 1, column: 3, message: `${key === "intent" ? "意图" : "动作"}“${value}”在领域里没有登记。`, related: [{ path: "domain.yml", line: key === "intent" ? 14 : 240 }] });
    });
  }
  if (id && draftOf(id).size > 0) issues.push({ severity: "warning", code: "contradiction", path: "data/stories/branches.yml", line: 26, column: 3, message: "这个分岔点后面没有故事接着走。", related: [{ path: "data/stories/exercises.yml", line: 12 }] });
  return { issues, seconds: 0.8, is_sound: issues.every(({ severity }) => severity !== "error"), is_whole: true };
}

function put(id, { path, text, digest: from }) {
  const now = textOf(path, id);
  const broken = text === null ? null : parseDocument(text).errors[0];
  if (broken) throw new Refusal(422, "incomplete", `第 ${broken.linePos[0].line} 行第 ${broken.linePos[0].col} 列：YAML 写得不对。`, { fields: ["text"] });
  if (text?.includes("断开")) throw new Refusal(500, "internal", "服务器这会儿没法处理，请再试一次。");
  if (text?.includes("冲突") && !now?.includes("别人")) draftOf(id).set(path, `${now}# 别人加的一行\n`);
  const theirs = textOf(path, id);
  if (digest(theirs) !== from) {
    const chunks = [{ kind: "conflict", base: (now ?? "").split("\n").slice(0, -1), ours: text.split("\n").slice(0, -1), theirs: theirs.split("\n").slice(0, -1) }];
    throw new Refusal(409, "edited_meanwhile", "这个文件别人刚改过，请对照着合并。", { path, base: now, ours: text, theirs, chunks });
  }
  draftOf(id).set(path, text);
  return { digest: digest(text) };
}

function edit(id, body) {
  const doc = parseDocument(textOf("domain.yml", id));
  const { response, wordings, to } = body;
  if (body.edit === "set_response" || body.edit === "add_response") {
    if (body.edit === "add_response" && doc.hasIn(["responses", response])) throw new Refusal(422, "invalid_input", `已经有叫“${response}”的回复了。`);
    if (wordings.some(({ text }) => !text.trim())) throw new Refusal(422, "incomplete", "有一种说法还没写。", { fields: ["wordings"] });
    doc.setIn(["responses", response], doc.createNode(wordings.map(({ text, buttons }) => ({ text, ...(buttons.length ? { buttons } : {}) }))));
  } else if (body.edit === "rename_response") {
    doc.setIn(["responses", to], doc.getIn(["responses", response]));
    doc.deleteIn(["responses", response]);
  } else doc.deleteIn(["responses", response]);
  draftOf(id).set("domain.yml", doc.toString({ lineWidth: 0, indentSeq: false }));
  return { files: ["domain.yml"], summary: "改好了。" };
}

function file(path, id) {
  if (!base.has(path) && !(id && draftOf(id).has(path))) throw new Refusal(404, "not_found", "没有这个文件，可能改了名字或者删了。");
  const text = textOf(path, id);
  return { path, text, digest: digest(text), base: base.get(path) ?? null, is_clinical: isClinical(path) };
}

function review(response, me) {
  if (me.role !== "clinician") throw new Refusal(403, "forbidden", "只有临床审核能这样做。");
  reviewed.set(response, { by: me.shown_name, at: new Date().toISOString() });
  return { review: { state: "reviewed", author: null, reviewed_by: me.shown_name, reviewed_at: new Date().toISOString() } };
}

function found(method, path, query, body, me) {
  const id = query.get("change_set");
  if (method === "GET" && path === "stories") return { files: stories(id) };
  if (method === "GET" && path === "domain") return domain(id);
  if (method === "GET" && path === "responses") return { responses: responses(id) };
  if (method === "GET" && path === "files") return { files: files(id) };
  if (method === "GET" && path === "file") return file(query.get("path"), id);
  if (method === "GET" && path === "check") return check(id);
  const [, set, deed] = /^change-sets\/(\d+)\/(file|edits)$/.exec(path) ?? [];
  if (deed === "file" && method === "PUT") return put(set, body);
  if (deed === "edits" && /_response$/.test(body.edit)) return edit(set, body);
  const [, response] = /^responses\/([^/]+)\/review$/.exec(path) ?? [];
  return response && method === "POST" ? review(decodeURIComponent(response), me) : undefined;
}

/** Status and body, or null for a call that is not ours. */
export function answer(method, path, query, body, me) {
  try {
    const answered = found(method, path, query, body, me);
    return answered === undefined ? null : { status: 200, body: answered };
  } catch (error) {
    if (error instanceof Refusal) return { status: error.status, body: error.body };
    throw error;
  }
}
