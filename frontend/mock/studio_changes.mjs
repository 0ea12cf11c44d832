/** The mock's change sets: drafts, one to review, one with a conflict, one that is clinical; kept until it ends. */
import { applyEdit } from "./studio_intents.mjs";

const HOUR = 3_600_000;
const ago = (ms) => new Date(Date.now() - ms).toISOString();

class Refusal extends Error {
  constructor(status, code, message, more = {}) {
    super(message);
    Object.assign(this, { status, body: { error: { code, message, ...more } } });
  }
}

const same = (...lines) => ({ kind: "same", base: lines, ours: lines, theirs: lines });
const head = same('version: "3.1"', "nlu:", "- intent: sleep_problem", "  examples: |", ...Array.from({ length: 30 }, (_each, at) => `    - 第 ${at + 1} 句睡不好的话`));
const tail = same(...Array.from({ length: 24 }, (_each, at) => `    - 后面第 ${at + 1} 句`));
const CHUNKS = {
  changed: [
    head, { kind: "ours", base: ["    - 晚上睡不着觉怎么办"], ours: ["    - 晚上[睡不着](symptom)觉，怎么办", "    - 一躺下就想白天的事", "    - 三点醒了就再也睡不回去"], theirs: ["    - 晚上睡不着觉怎么办"] },
    tail, { kind: "ours", base: ["    - 打呼噜把自己吵醒"], ours: [], theirs: ["    - 打呼噜把自己吵醒"] }, same("    - 最后一句"),
  ],
  conflict: [
    head,
    { kind: "conflict", base: ["    - 夜班回来睡不着"], ours: ["    - 下了夜班回来睡不着", "    - 倒班以后白天睡不沉"], theirs: ["    - 夜班回来翻来覆去睡不着"] },
    tail,
    { kind: "theirs", base: ["    - 失眠"], ours: ["    - 失眠"], theirs: ["    - 失眠两个月了"] },
    { kind: "both", base: ["    - 多梦"], ours: ["    - 整夜做梦"], theirs: ["    - 整夜做梦"] },
    { kind: "conflict", base: ["    - 一句要删的"], ours: [], theirs: ["    - 一句要删的，对方又改了"] },
  ],
};

const file = (path, added, removed, more = {}) => ({ path, state: "changed", added, removed, is_clinical: false, has_conflict: false, chunks: CHUNKS.changed, ...more });

function changeSet(id, title, state, author, hours, files, more = {}) {
  return {
    id, title, state, author, note: "", created_at: ago(hours * HOUR), updated_at: ago((hours / 2) * HOUR), proposed_at: null, reviewed_by: null, reviewed_at: null,
    review_note: "", applied_by: null, applied_at: null, commit: null, is_clinical: files.some((one) => one.is_clinical), files, ...more,
  };
}

const all = [
  changeSet(7, "夜班睡不好的说法", "draft", "吴老师", 3, [file("data/nlu/sleep_problem.yml", 3, 2, { has_conflict: true, chunks: CHUNKS.conflict }), file("data/nlu/anxiety.yml", 1, 1)]),
  changeSet(6, "收件箱 11月29日", "proposed", "季训练", 20, [file("data/nlu/low_mood.yml", 6, 0), file("domain.yml", 3, 1, { is_clinical: true })], { note: "把“没劲”这一类都归到心情低落，回应也改短了。", proposed_at: ago(5 * HOUR) }),
  changeSet(5, "测试故事补两条", "reviewed", "吴老师", 40, [file("tests/dialogue/from_conversations.yml", 22, 0, { state: "new" })], {
    note: "来自上周的两段对话。", proposed_at: ago(30 * HOUR), reviewed_by: "季训练", reviewed_at: ago(12 * HOUR), review_note: "看过，都对。",
  }),
  changeSet(4, "热线时间更正", "applied", "季训练", 90, [file("content/hotlines.yml", 1, 1, { is_clinical: true })], {
    proposed_at: ago(80 * HOUR), reviewed_by: "沈临床", reviewed_at: ago(72 * HOUR), applied_by: "季训练", applied_at: ago(70 * HOUR), commit: "9f2c41ab77d0",
  }),
  changeSet(3, "试着合并两个意图", "withdrawn", "吴老师", 200, [file("data/nlu/old.yml", 0, 14, { state: "deleted" })], { review_note: "" }),
];
let nextId = 8;

const MAY = {
  draft: (mine) => (mine ? ["edit", "propose", "withdraw", "train"] : ["train"]),
  proposed: (mine) => (mine ? ["edit", "withdraw", "train"] : ["review", "train"]),
  reviewed: (mine) => (mine ? ["edit", "apply", "withdraw", "train"] : ["apply", "review", "train"]),
  applied: () => [],
  withdrawn: () => [],
};

const without = (one, field) => Object.fromEntries(Object.entries(one).filter(([key]) => key !== field));
const isMine = (one) => one.author === "吴老师";
const shown = (one) => ({
  ...one, is_mine: isMine(one), may: MAY[one.state](isMine(one)), files: one.files.map((each) => without(each, "chunks")),
});

function of(id) {
  const found = all.find((one) => one.id === Number(id));
  if (!found) throw new Refusal(404, "not_found", "没有这个改动单。");
  return found;
}

const textOf = (chunks, side) => `${chunks.flatMap((chunk) => chunk[side]).join("\n")}\n`;

function diff(one, path) {
  const found = one.files.find((each) => each.path === path);
  if (!found) throw new Refusal(404, "not_found", "这个改动单里没有这个文件。");
  const { chunks, state } = found;
  if (state === "new") {
    const lines = ['version: "3.1"', "stories:", "- story: 夜班之后", "  steps:", "  - intent: sleep_problem", "  - action: action_support"];
    return { path, base: null, text: `${lines.join("\n")}\n`, current: null, chunks: [{ kind: "ours", base: [], ours: lines, theirs: [] }] };
  }
  return { path, base: textOf(chunks, "base"), text: state === "deleted" ? null : textOf(chunks, "ours"), current: textOf(chunks, "theirs"), chunks };
}

function propose(one, body) {
  if (one.files.length === 0) throw new Refusal(422, "incomplete", "还没有改动，先改点什么。", { fields: ["files"] });
  if (one.files.some((each) => each.has_conflict)) throw new Refusal(422, "incomplete", "检查没有通过：data/nlu/sleep_problem.yml 第 35 行，两边都改过，先合并。", { fields: ["files"] });
  return Object.assign(one, { state: "proposed", note: body.note, proposed_at: ago(0) });
}

function apply(one) {
  const behind = one.files.find((each) => each.has_conflict);
  if (behind) throw new Refusal(409, "edited_meanwhile", `${behind.path} 这段时间别人也改过，自动合并不了。请先逐处选好。`, diff(one, behind.path));
  return Object.assign(one, { state: "applied", applied_by: "吴老师", applied_at: ago(0), commit: "3ab9d0e5f1c2" });
}

function act(one, deed, body) {
  if (deed === "propose") return propose(one, body);
  if (deed === "apply") return apply(one);
  if (deed === "withdraw") return Object.assign(one, { state: "withdrawn" });
  if (deed === "review") {
    if (isMine(one)) throw new Refusal(403, "second_person", "自己的改动单要请另一个人看。");
    return Object.assign(one, { state: body.verdict === "approve" ? "reviewed" : "draft", reviewed_by: "吴老师", reviewed_at: ago(0), review_note: body.note });
  }
  const touched = one.files.find((each) => each.path === body.path);
  if (deed === "resolve") return Object.assign(touched, { has_conflict: false, chunks: CHUNKS.changed }) && one;
  if (deed === "revert") one.files.splice(one.files.indexOf(touched), 1);
  return one;
}

function edited(one, body) {
  const made = applyEdit(body);
  for (const path of made.files) {
    const known = one.files.find((each) => each.path === path);
    if (known) known.added += 1;
    else one.files.push(file(path, 1, 0));
  }
  one.updated_at = ago(0);
  return made;
}

function found(method, path, query, body) {
  if (path === "change-sets" && method === "GET") {
    const state = query.get("state");
    const rows = all.filter((one) => !state || one.state === state);
    return { change_sets: rows.map((one) => without(shown(one), "files")) };
  }
  if (path === "change-sets") {
    all.unshift(changeSet(nextId++, body.title, "draft", "吴老师", 0, []));
    return shown(all[0]);
  }
  const [, id, deed] = /^change-sets\/(\d+)(?:\/([\w-]+))?$/.exec(path) ?? [];
  if (id === undefined) return undefined;
  const one = of(id);
  if (deed === undefined) return shown(one);
  if (deed === "diff") return diff(one, query.get("path"));
  if (deed === "edits" && /_response$/.test(body.edit)) return undefined; // those of studio_stories.mjs
  if (deed === "edits") return edited(one, body);
  if (deed === "file") return undefined;
  return shown(act(one, deed, body));
}

/** Status and body, or null for a call that is not ours. */
export function answer(method, path, query, body) {
  try {
    const answered = found(method, path, query, body);
    return answered === undefined ? null : { status: 200, body: answered };
  } catch (error) {
    if (error.body) return { status: error.status, body: error.body };
    throw error;
  }
}
