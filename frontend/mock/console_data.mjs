/** Lively cases for the mock of the console: invented people, nobody's words. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
export const at = (ms) => new Date(Date.now() + ms).toISOString();

export const WORDS = {
  reasons: {
    imminent: "有迫近的危险", high: "风险高", watch_agreed: "有苗头，愿意找真人", watch_review: "有苗头，待阅", asked_for_person: "想找真人",
    not_understood: "小程序没听懂", transfer: "同事转来",
  },
  outcomes: {
    talked: "谈过了", unreached: "没联系上", contact_told: "通知了紧急联系人", emergency_called: "打了 120 或 110", hospital: "去了医院", reviewed: "看过，不用联系",
  },
  levels: { imminent: "迫近", high: "高", watch: "留意", none: "平稳" },
};

export const ME = { id: "a1", name: "lin", shown_name: "林医生", role: "counsellor", is_available: true, capacity: 3 };
export const SUPERVISOR = { id: "a5", name: "gu", shown_name: "顾督导", role: "supervisor", is_available: true, capacity: 2 };
export const ADMIN = { id: "a6", name: "admin", shown_name: "管理员", role: "admin", is_available: false, capacity: 0 };

export const COUNSELLORS = [
  { id: "a1", shown_name: "林医生", is_present: true, on_duty: true, load: 2, capacity: 3, skills: ["anxiety"], gender: "female" },
  { id: "a2", shown_name: "周老师", is_present: true, on_duty: true, load: 1, capacity: 4, skills: ["work_stress", "overseas"], gender: "male" },
  { id: "a3", shown_name: "小陈", is_present: false, on_duty: true, load: 0, capacity: 3, skills: ["grief"], gender: "female" },
  { id: "a4", shown_name: "马老师", is_present: false, on_duty: false, load: 0, capacity: 2, skills: ["parenting"], gender: "male" },
];

function row(id, values) {
  const whole = { imminent: MINUTE, high: 3 * MINUTE, watch: 15 * MINUTE, none: 15 * MINUTE }[values.level] ?? 15 * MINUTE;
  const { waited: requested = MINUTE, ...rest } = values;
  return {
    id, conversation_id: `c${id}`, nickname: null, status: "waiting", is_live: true, reason: "asked_for_person", level: "none", rank: 3, topic: null,
    requested_at: at(-requested), due_at: at(whole - requested), tier: 0, offered_to: null, offer_until: null, accepted_by: null, accepted_at: null,
    counsellor_name: null, worker_at: at(-40 * SECOND), counsellor_at: null, unread: 0, has_open_alert: false, follow_up_overdue: false, ...rest,
  };
}

export const rows = () => [
  row(412, { nickname: "阿强", level: "imminent", reason: "imminent", rank: 0, topic: "low_mood", waited: 85 * SECOND, tier: 1, has_open_alert: true, unread: 4 }),
  row(411, { nickname: "小雨", level: "high", reason: "high", rank: 1, topic: "relationship", waited: 70 * SECOND, unread: 2 }),
  row(408, { nickname: null, level: "watch", reason: "watch_agreed", rank: 2, topic: "burnout", waited: 11 * MINUTE, unread: 3 }),
  row(409, { nickname: "深圳的老周在工地上想家", level: "none", reason: "asked_for_person", rank: 3, topic: "homesickness", waited: 4 * MINUTE }),
  row(398, { nickname: "石头", level: "watch", reason: "watch_review", rank: 4, topic: "work_stress", is_live: false, waited: 5 * HOUR, due_at: at(19 * HOUR) }),
  row(405, {
    nickname: "北方的风", level: "high", reason: "high", rank: 1, topic: "anxiety", status: "active", accepted_by: "a1", accepted_at: at(-9 * MINUTE), waited: 10 * MINUTE,
    counsellor_name: "林医生", counsellor_at: at(-3 * MINUTE), worker_at: at(-150 * SECOND), unread: 1,
  }),
  row(402, {
    nickname: "晴天", level: "none", reason: "asked_for_person", rank: 3, topic: "parenting", status: "active", accepted_by: "a1", accepted_at: at(-31 * MINUTE),
    waited: 33 * MINUTE, counsellor_name: "林医生", counsellor_at: at(-2 * MINUTE), worker_at: at(-4 * MINUTE), follow_up_overdue: true,
  }),
];

const LONG_TELLING =
  "我也不知道从哪说起，上个月开始组里走了两个人，活全压我身上，组长天天在群里点我名，回家老婆又说我不管孩子，我一句话都不想说，躺下就睁着眼到三四点，脑子里全是没干完的事";

const THREAD = [
  ["worker", "在吗", -42, "none"],
  ["bot", "我在。我是小程序，不是真人。今天想聊点什么？", -42],
  ["worker", LONG_TELLING, -40, "none"],
  ["bot", "活压在你一个人身上，回家也没处歇，难怪睡不着。这里面哪一样最难熬？", -39, null, ["工作上的", "家里的", "睡不着"]],
  ["worker", "睡不着吧。有时候就想，睡过去别醒就好了", -37, "watch"],
  ["bot", "听到你这么说，我想直接问一句：你有没有想过不活了？", -36, null, ["有", "没有", "不想说"]],
  ["worker", "有。这两天越来越想，药我都攒好了", -12, "high"],
  ["safety", "药攒好了，听起来你已经很难了。我想先陪你把今晚撑过去。手边的药，能不能先交给家里人，或者放到你一下子拿不到的地方？", -12],
  ["safety", "现在就可以打的电话，点一下就能拨：", -12, null, [], { kind: "hotlines", lines: [{ number: "120", name: "急救", hours: "24小时" }, { number: "12356", name: "心理援助热线", hours: null }] }],
  ["bot", "我只是程序，没法替你打电话，也叫不来人。我帮你找了值班的咨询师。", -12],
  ["worker", "老婆孩子在隔壁睡着，别让他们知道 <img src=x onerror=alert(1)>", -11, "none"],
  ["system", "现在是真人：林医生。", -9],
  ["counsellor", "我是林医生，值班咨询师，是真人。前面的话我看了。药现在在哪儿？", -9],
  ["worker", "床头柜抽屉里", -8, "none"],
  ["counsellor", "谢谢你告诉我。你愿意现在起来，把它拿到厨房最高的柜子里吗？我在这儿等你。", -3],
  ["worker", "好，我去", -2.5, "none"],
];

export function thread(caseId) {
  const lines = caseId === 405 ? THREAD : caseId === 402 ? THREAD.slice(0, 6) : THREAD.slice(0, 11);
  return lines.map(([author, text, minutes, level = null, buttons = [], custom = null], place) => ({
    case_id: caseId, id: caseId * 1000 + place, event: caseId * 100 + place, author, name: author === "counsellor" ? "林医生" : null, text, buttons, custom,
    created_at: at(minutes * MINUTE), external_id: null, delivered_at: author === "counsellor" ? at(minutes * MINUTE + 800) : null, level,
  }));
}

const bands = [[0, 4, "很少"], [5, 9, "轻"], [10, 14, "中"], [15, 19, "中重"], [20, 27, "重"]].map(([from, to, label]) => ({ from, to, label }));
const point = (days, value, label) => ({
  run_id: String(days).padStart(32, "0"), finished_at: at(-days * DAY), value, lowest: 0, highest: 27, band: "x", label, bands,
  is_invited: false, is_opened: true, is_overlapping: false,
});

export function brief(caseRow, notes) {
  const bubbles = thread(caseRow.id);
  const own = bubbles.filter((bubble) => bubble.author === "worker");
  const cue = (place, name, words) => ({ name, words, message_id: caseRow.id * 1000 + place, created_at: bubbles[place]?.created_at ?? at(0) });
  const said = (text, place) => ({ text, message_id: caseRow.id * 1000 + place });
  const isGrave = caseRow.level === "high" || caseRow.level === "imminent";
  return {
    row: caseRow,
    why: { reason: caseRow.reason, level: caseRow.level, cues: isGrave ? [cue(4, "passive_wish", "睡过去别醒就好了"), cue(6, "means_in_hand", "药我都攒好了")] : [] },
    own_words: { first: own[1] ?? own[0] ?? null, last: own.slice(-10) },
    topics: ["sleep_problem", "work_stress"],
    screenings: isGrave
      ? [
          { questionnaire: "phq-9", title: "患者健康问卷（PHQ-9）", is_shared: true, is_higher_better: false, points: [point(60, 7, "轻"), point(21, 12, "中"), point(1, 19, "中重")] },
          { questionnaire: "gad-7", title: "广泛性焦虑量表（GAD-7）", is_shared: false, is_higher_better: false, points: [{ ...point(2, 14, "中"), highest: 21, bands: bands.slice(0, 3).concat([{ from: 15, to: 21, label: "重" }]) }] },
        ]
      : [],
    earlier: isGrave ? [{ id: 377, requested_at: at(-21 * DAY), reason: "watch_agreed", level: "watch", outcome: "talked", counsellor_name: "周老师" }] : [],
    plan: isGrave ? { warning_signs: ["连着三晚睡不着", "不回家里消息"], alone: ["下楼走一圈", "听评书"], people: ["弟弟"], safe_place: [] } : {},
    offered: ["发过安全提示", "给过求助电话", "直接问过有没有轻生的念头"],
    safety: {
      intent: isGrave ? said("这两天越来越想", 6) : null, plan: null, means: isGrave ? said("药我都攒好了", 6) : null, time: null, place: isGrave ? said("床头柜抽屉里（药）", 13) : null,
      phone: null, alone: isGrave ? said("老婆孩子在隔壁睡着", 10) : null, alcohol: null, attempts: null,
    },
    contact: isGrave ? { is_named: true, may_use: true, relation: "弟弟" } : { is_named: false, may_use: false },
    consents: ["chat", "counsellor_review"],
    timezone: "Asia/Shanghai", local_time: `${new Date(Date.now() + 8 * HOUR).toISOString().slice(0, 19)}+08:00`, is_abroad: false,
    timeline: [
      { step: "requested", who: null, other: null, level: "high", reason: null, created_at: caseRow.requested_at },
      { step: "offered", who: null, other: "周老师", level: "high", reason: null, created_at: caseRow.requested_at },
      { step: "declined", who: "周老师", other: null, level: "high", reason: null, created_at: at(-9.5 * MINUTE) },
      ...(caseRow.accepted_at ? [{ step: "accepted", who: caseRow.counsellor_name, other: null, level: "high", reason: null, created_at: caseRow.accepted_at }] : []),
    ],
    notes,
    follow_ups: isGrave ? [{ id: 8, level: "watch", due_at: at(-2 * HOUR), assigned_to: "lin", is_overdue: true, done_at: null, outcome: null }] : [],
    now: at(0),
  };
}
