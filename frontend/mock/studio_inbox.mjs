/** The inbox and conversations of the mock: invented people, nobody's words. In the list: 坏 in a comment is refused, intent help fails to save. */
import { at } from "./console_data.mjs";

const HOUR = 3_600_000;
const REASONS = {
  low_confidence: "没把握", runner_up: "两个意图差不多", fallback: "没听懂", changed_topic: "对方换了话题", not_understood: "对方说没听懂",
  thumbs_down: "点了没帮到", marked: "咨询师标了听错", sample: "随机抽查",
};
const SEEDS = [
  { texts: ["夜班倒白班倒得人都木了，躺下也合不上眼", "连上七个大夜，白天怎么都睡不实", "倒班倒得脑子发木，一闭眼全是机器响", "三班倒了半年，现在几点睡都睡不着", "刚下夜班，躺了四个钟头还睁着眼", "白班夜班来回换，觉都不知道怎么睡了", "上完夜班心慌，窗帘拉上也睡不着", "换班那两天最难受，整宿整宿醒着"], intent: "work_stress", confidence: 0.41, second: "sleep_problem", reasons: ["low_confidence", "runner_up"] },
  { texts: ["某人说我再请假就别来了，可孩子发烧到某号度", "孩子病了请不下假，某人当着全班组骂我", "娃住院，班长不批假"], intent: "parenting", confidence: 0.48, second: "workplace_conflict", reasons: ["runner_up", "marked"] },
  { texts: ["你没听懂我意思，我不是压力大，我是不想干了"], intent: "work_stress", confidence: 0.63, second: "burnout", reasons: ["not_understood", "changed_topic"] },
  { texts: ["你们这个能不能报销打车票", "打车票在哪儿报", "报销走哪个流程", "出差的票能报吗"], intent: "union_service", confidence: 0.52, second: "out_of_scope", reasons: ["thumbs_down", "low_confidence"] },
  { texts: ["撑到年底拿了钱就都结束了"], intent: "work_stress", confidence: 0.58, second: "disclose_self_harm", reasons: ["marked"], level: "watch", cues: [{ name: "no_more_strength", words: "撑到年底" }] },
  { texts: ["老家某地下雪了，我妈一个人在家", "想我妈做的面了", "过年又回不去某地"], intent: "homesickness", confidence: 0.44, second: "loneliness", reasons: ["low_confidence"] },
  { texts: ["累到没话说"], intent: "burnout", confidence: 0.91, second: "low_mood", reasons: ["sample"] },
];
// Enough to scroll and to read a second page.
for (let i = 1; i <= 34; i += 1) SEEDS.push({ texts: [`第${i}天了，某人还是不回我消息，手机拿起来又放下`], intent: "relationship", confidence: 0.5 + (i % 9) / 100, second: "anxiety", reasons: [i % 3 ? "low_confidence" : "sample"] });

const items = new Map();
const groups = SEEDS.map((seed, place) => {
  const id = place + 1;
  const ids = seed.texts.map((text, nth) => {
    const message_id = id * 100 + nth;
    items.set(message_id, {
      seed,
      row: {
        message_id, text, reasons: seed.reasons, intent: seed.intent, confidence: seed.confidence - nth / 100, level: seed.level ?? "none",
        created_at: at(-(place * 5 + nth) * HOUR), state: "open", assigned_to: null, comment: null, decision: null, decided_by: null,
      },
    });
    return message_id;
  });
  return { id, ids };
});
const marks = new Map();
let made = 0;

const rowsOf = (group) => group.ids.map((id) => items.get(id).row);
const ok = (body) => ({ status: 200, body });
const refused = (status, code, message, fields) => ({ status, body: { error: { code, message, ...(fields ? { fields } : {}) } } });
const counted = (rows) => {
  const counts = {};
  for (const row of rows) for (const code of row.reasons) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
};

function list(query, me) {
  const state = query.get("state") || "open";
  const assigned = query.get("assigned") || "all";
  const lets = (row) =>
    (state === "all" || row.state === state) && (!query.get("intent") || row.intent === query.get("intent")) &&
    (assigned === "all" || (assigned === "me" ? row.assigned_to?.id === me.id : row.assigned_to === null));
  const every = [...items.values()].map(({ row }) => row).filter(lets);
  const reason = query.get("reason");
  const shown = groups
    .map((group) => ({ group, rows: rowsOf(group).filter((row) => lets(row) && (!reason || row.reasons.includes(reason))) }))
    .filter(({ rows }) => rows.length > 0);
  const page = Number(query.get("page") ?? 1);
  return ok({
    groups: shown.slice((page - 1) * 30, page * 30).map(({ group, rows }) => ({
      id: group.id, size: rows.length, open: rows.filter((row) => row.state === "open").length, reasons: counted(rows), exemplar: rows[0], newest_at: rows[0].created_at,
    })),
    total_groups: shown.length, total_messages: shown.reduce((sum, { rows }) => sum + rows.length, 0), counts: counted(every), reasons: REASONS, page,
  });
}

const near = (intent, texts) => texts.map((text, place) => ({ text, intent, similarity: 0.91 - place * 0.06, path: `data/nlu/${intent}.yml`, line: 12 + place * 7 }));

function detail({ row, seed }) {
  const rest = (1 - row.confidence) / 2;
  return ok({
    item: row, conversation_id: `c${Math.floor(row.message_id / 100)}`,
    ranking: [
      { intent: row.intent, confidence: row.confidence, nearest: near(row.intent, ["天天加班到十点，回家还要回消息", "活多得干不完", "一到周日晚上就发愁第二天上班"]) },
      { intent: seed.second, confidence: rest, nearest: near(seed.second, ["躺下两三个小时还醒着", "半夜总醒，醒了就睡不着", "倒班倒得睡眠全乱了"]) },
      { intent: "anxiety", confidence: rest / 2, nearest: near("anxiety", ["心里老发慌", "一想到明天就喘不上气"]) },
      { intent: "burnout", confidence: rest / 4, nearest: near("burnout", ["人像被掏空了"]) },
      { intent: "greet", confidence: rest / 8, nearest: [] },
    ],
    entities: row.text.startsWith("连上") ? [{ entity: "duration", value: "七个大夜", start: 2, end: 6 }] : [],
    screen: { level: row.level, subject: row.level === "none" ? "none" : "self", kind: null, score: row.level === "none" ? 0.03 : 0.42, cues: seed.cues ?? [] },
    model: "20261128-0910-plain.tar.gz", marks: marks.get(row.message_id) ?? [],
  });
}

function decide(body, me) {
  const ids = body.message_ids ?? groups.find((group) => group.id === body.group_id)?.ids ?? [];
  if (body.intent === "help") return refused(500, "internal", "没存上，请再试一次。");
  for (const id of ids) {
    const decision = { kind: body.kind, ...(body.intent ? { intent: body.intent } : {}), ...(body.use ? { use: body.use } : {}) };
    Object.assign(items.get(id).row, { state: "done", decision, decided_by: me.name });
  }
  const teaches = body.kind === "intent" || body.kind === "not_ours";
  return ok({ decided: ids.length, change_set_id: teaches ? (body.change_set_id ?? 3) : null, added: teaches ? ids.length : 0 });
}

function act(path, body, me) {
  if (path === "inbox/decisions") return decide(body, me);
  if (path === "inbox/reopen") {
    for (const id of body.message_ids) Object.assign(items.get(id).row, { state: "open", decision: null, decided_by: null });
    return ok({ reopened: body.message_ids.length });
  }
  if (path === "inbox/assign") {
    for (const id of body.message_ids) items.get(id).row.assigned_to = body.to === null ? null : { id: body.to, name: body.to === "t2" ? "何医生" : "吴老师" };
    return ok({ assigned: body.message_ids.length });
  }
  const [, id, deed] = /^messages\/(\d+)\/(\w+)$/.exec(path) ?? [];
  if (deed === "comment") {
    if (body.comment.includes("坏")) return refused(422, "incomplete", "这条备注存不了。", ["comment"]);
    items.get(Number(id)).row.comment = body.comment || null;
    return ok({});
  }
  if (deed === "marks") {
    marks.set(Number(id), [...(marks.get(Number(id)) ?? []), { verdict: body.verdict, expected: body.expected ?? null, by: me.name }]);
    return ok({ id: (made += 1) });
  }
  return null;
}

const TURNS = [
  { text: "在吗", intent: "greet", confidence: 0.97, actions: [["utter_greet", "RulePolicy", ["我在。今天想说点什么？"]]] },
  { text: "上完夜班心慌，窗帘拉上也睡不着", intent: "work_stress", confidence: 0.4, slots: [{ name: "topic", value: "work_stress" }], actions: [["action_offer_support", "RulePolicy", ["工作这摊事，最近把你压得不轻。", "这里头，哪一件最让你喘不上气？"]]] },
  { text: "我说的是睡不着", intent: "sleep_problem", confidence: 0.88, slots: [{ name: "topic", value: "sleep_problem" }], actions: [["action_offer_support", "RulePolicy", ["白天累得站着都能睡，躺下偏偏醒了，这最磨人。"]]] },
  { text: "有没有什么办法", intent: "start_exercise", confidence: 0.71, loop: "exercise_form", actions: [["exercise_form", "RulePolicy", ["有个三分钟的呼吸，躺着就能做。现在试试吗？"]]] },
  { text: "好", intent: "affirm", confidence: 0.99, loop: "exercise_form", actions: [["action_start_exercise", "TEDPolicy", ["跟着圆圈来：吸气，数到四。"]]] },
];

function conversation(id) {
  return ok({
    conversation_id: id,
    turns: TURNS.map((turn, place) => ({
      turn: place + 1, message_id: place === 1 ? Number(id.slice(1)) * 100 : 9000 + place, text: turn.text, intent: turn.intent, confidence: turn.confidence,
      entities: place === 1 ? [{ entity: "time", value: "夜班", start: 2, end: 4 }] : [],
      actions: turn.actions.map(([name, policy, texts]) => ({ name, policy, confidence: policy === "RulePolicy" ? 1 : 0.83, texts, slots: turn.slots ?? [] })),
      loop: turn.loop ?? null,
    })),
  });
}

function save(body) {
  if (body.name.includes("坏")) return refused(422, "incomplete", "已经有一条叫这个名字的故事了，换一个。", ["name"]);
  const steps = TURNS.filter((_turn, place) => body.turns.includes(place + 1));
  const yaml = [`- story: ${body.name}`, "  steps:", ...steps.flatMap((turn) => [`  - intent: ${turn.intent}`, ...turn.actions.map(([name]) => `  - action: ${name}`)])].join("\n");
  const path = body.kind === "test" ? "tests/dialogue/from_conversations.yml" : "data/stories/from_conversations.yml";
  return ok({ path, yaml: `${body.kind === "test" ? "stories:" : "stories:"}\n${yaml}\n`, change_set_id: body.change_set_id ?? 3 });
}

export function answer(method, path, query, body, me) {
  if (path === "inbox") return list(query, me);
  if (path === "staff") return ok({ staff: [{ id: "t1", name: "wu", shown_name: "吴老师", role: "trainer" }, { id: "t2", name: "he", shown_name: "何医生", role: "clinician" }] });
  const [, group] = /^inbox\/groups\/(\d+)$/.exec(path) ?? [];
  if (group !== undefined) {
    const rows = rowsOf(groups[Number(group) - 1]);
    const page = Number(query.get("page") ?? 1);
    return ok({ items: rows.slice((page - 1) * 50, page * 50), total: rows.length, page });
  }
  if (method !== "GET" && /^(inbox|messages)\//.test(path)) return act(path, body, me);
  const [, message] = /^messages\/(\d+)$/.exec(path) ?? [];
  if (message !== undefined) return items.has(Number(message)) ? detail(items.get(Number(message))) : refused(404, "not_found", "这条消息已经看不到了：对方收回了同意，或者删了记录。");
  const [, talk, deed] = /^conversations\/(\w+)(?:\/(\w+))?$/.exec(path) ?? [];
  if (talk !== undefined) return deed === "story" ? save(body) : conversation(talk);
  return null;
}
