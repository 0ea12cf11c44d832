/** The mock's routes behind the pages for supervisors and administrators; keeps its changes until it ends. */

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ago = (ms) => new Date(Date.now() - ms).toISOString();
const dayAgo = (days) => new Date(Date.now() - days * DAY).toISOString().slice(0, 10);

const STAFF = [
  ["lin", "林医生", "counsellor", "female", ["anxiety", "sleep_problem", "lang:yue"], 3],
  ["zhou", "周老师", "counsellor", "male", ["work_stress", "burnout", "overseas"], 4],
  ["chen", "小陈", "counsellor", "female", ["grief", "family_conflict"], 3],
  ["ma", "马老师", "counsellor", "male", ["parenting", "relationship"], 2],
  ["gu", "顾督导", "supervisor", "female", ["low_mood"], 2],
  ["admin", "管理员", "admin", null, [], 0],
  ["tang", "唐训练", "trainer", null, [], 0],
];

const accounts = STAFF.map(([name, shown_name, role, gender, skills, capacity], place) => ({
  id: `a${place + 1}`, name, shown_name, role, gender, skills, capacity,
  introduction: role === "counsellor" ? "做了八年员工心理支持，听得多，讲得少。" : "",
  timezone: name === "zhou" ? "Africa/Lagos" : "Asia/Shanghai",
  email: role === "admin" ? null : `${name}@example.org`, phone: place < 2 ? "13800000000" : null,
  on_call_rank: name === "gu" ? 1 : name === "lin" ? 2 : null, is_enrolled: name !== "ma",
  locked_until: name === "chen" ? new Date(Date.now() + 9 * 60_000).toISOString() : null,
  created_at: ago((90 - place) * DAY), disabled_at: name === "tang" ? ago(3 * DAY) : null,
}));

const working = (from, to, days) => days.map((weekday) => ({ weekday, start: from, end: to }));
const shifts = {
  a1: { shifts: [...working("09:00", "12:00", [1, 2, 3, 4, 5]), ...working("13:30", "18:00", [1, 2, 3, 4, 5])], exceptions: [
    { on_date: dayAgo(-3), is_working: false, start: "00:00", end: "24:00", title: "年假" },
    { on_date: dayAgo(-9), is_working: true, start: "10:00", end: "14:00", title: "替小陈" },
  ] },
  a2: { shifts: [...working("08:00", "16:00", [1, 3, 5, 6])], exceptions: [] },
  a3: { shifts: [...working("18:00", "24:00", [1, 2, 3, 4, 5, 6, 7]), ...working("00:00", "01:00", [1, 2, 3, 4, 5, 6, 7])], exceptions: [] },
  a4: { shifts: [], exceptions: [] },
  a5: { shifts: working("09:00", "18:00", [6, 7]), exceptions: [] },
};
let holidays = [
  { on_date: "2027-01-01", is_working: false, start: "00:00", end: "24:00", title: "元旦" },
  { on_date: "2027-02-14", is_working: true, start: "09:00", end: "18:00", title: "春节调休" },
];

const NAMES = ["阿强", "小雨", "老周", null, "晴天", "北方的风", "阿梅", "石头"];
const REASONS = ["imminent", "high", "asked_for_person", "watch_agreed", "not_understood", "watch_review"];
const LEVELS = ["imminent", "high", "none", "watch", "none", "watch"];
const OUTCOMES = ["talked", "talked", "reviewed", "talked", "unreached", "contact_told", "emergency_called", "hospital"];
const TOPICS = ["work_stress", "sleep_problem", null, "family_conflict", "low_mood", "burnout"];

function past(number, status = "closed") {
  const requested = ago(number * 5 * HOUR + HOUR);
  const at = (ms) => new Date(Date.parse(requested) + ms).toISOString();
  return {
    id: 900 - number, conversation_id: `c${number}`, nickname: NAMES[number % NAMES.length], status, is_live: REASONS[number % 6] !== "watch_review",
    reason: REASONS[number % 6], level: LEVELS[number % 6], rank: number % 5, topic: TOPICS[number % 6], requested_at: requested, due_at: at(180_000),
    tier: 0, offered_to: null, offer_until: null, accepted_by: `a${(number % 4) + 1}`, accepted_at: at(20_000 + (number * 37_000) % 400_000),
    counsellor_name: accounts[number % 4].shown_name, worker_at: at(HOUR), counsellor_at: at(HOUR), unread: 0, has_open_alert: false,
    follow_up_overdue: number % 9 === 0, closed_at: status === "closed" ? at(HOUR + number * 60_000) : null,
    outcome: status === "closed" ? OUTCOMES[number % 8] : null,
  };
}
const PAST = Array.from({ length: 137 }, (_, number) => past(number, number === 1 ? "active" : "closed"));
const sample = PAST.slice(4, 9).map((row, place) => ({ ...row, quality: place === 0 ? "good" : null }));

const followUps = [
  [1, "阿强", "imminent", -5, "lin"], [2, null, "high", -1, null], [3, "小雨", "high", 3, "lin"], [4, "老周", "watch", 30, "chen"], [5, "晴天", "imminent", 70, "lin"],
].map(([id, nickname, level, hours, assigned_to]) => ({ id, handoff_id: 900 - id, nickname, level, due_at: ago(-hours * HOUR), is_overdue: hours < 0, assigned_to }));

const holds = [{ id: 1, worker_id: "w7f3", nickname: "老周", reason: "仲裁案件，法务 2026-10-08 来函要求保留", placed_by: "admin", placed_at: ago(40 * DAY) }];
const retention = { message_days: 365, handoff_days: null, ran_at: ago(7 * HOUR) };
let letters = [
  { id: 41, channel: "dingtalk", handoff_id: 898, level: "imminent", reason: "imminent", tier: 1, attempts: 8, created_at: ago(5 * HOUR), dead_at: ago(2 * HOUR), error: "errcode 310000: sign not match" },
  { id: 38, channel: "email", handoff_id: 897, level: "high", reason: "high", tier: 2, attempts: 8, created_at: ago(26 * HOUR), dead_at: ago(20 * HOUR), error: "连接超时" },
];
const line = (id, name, kind, what, hours_text, days, status = "show") => ({
  id, number: id, name, kind, what, hours_text, status, source: "CLINICAL.md，热线表", last_verified: days === null ? null : dayAgo(days), age_days: days,
  is_stale: days === null || days > (kind === "emergency" || kind === "crisis" ? 90 : 180),
});
const hotlines = [
  line("120", "急救", "emergency", "受伤、吃了药、昏过去、喘不上气", "24小时", 12), line("110", "报警", "emergency", "有人伤害你、有危险", "24小时", 104),
  line("12356", "心理援助热线", "psychological", "心里难受，想跟人说说", null, 60), line("12351", "工会维权热线", "rights", "工伤、欠薪、加班", null, 200),
  line("12338", "妇联维权热线", "rights", "家暴、女职工权益", null, null), line("010-82951332", "北京心理危机干预", "crisis", "想不开的时候", null, null, "unverified"),
];
const ACTS = [["case.opened", "own"], ["alert.acknowledged", ""], ["case.opened", "quality"], ["account.changed", "capacity 3 -> 4"], ["retention.ran", "删除 214 条消息"]];
const entries = Array.from({ length: 120 }, (_, number) => ({
  id: 120 - number, actor: accounts[number % 5].name, action: ACTS[number % 5][0], subject: `handoff:${900 - (number % 30)}`, reason: ACTS[number % 5][1],
  created_at: ago(number * 47 * 60_000),
}));

const waits = (level, count, p50, p95, share) => ({ level, count, p50_seconds: p50, p95_seconds: p95, inside_share: share });
function team(days) {
  const by_day = Array.from({ length: days }, (_, place) => {
    const count = (place * 7) % 11;
    const share = count === 0 ? null : 1 - ((place * 3) % 5) * 0.04;
    return { on_date: dayAgo(days - 1 - place), count, p50_seconds: count ? 30 + (place * 13) % 60 : null, p95_seconds: count ? 120 + (place * 41) % 240 : null, inside_share: share };
  });
  return {
    load: accounts.slice(0, 5).map((each, place) => ({
      id: each.id, shown_name: each.shown_name, is_present: place !== 3, on_duty: place < 3, load: [3, 2, 0, 0, 1][place], capacity: each.capacity, closed: [21, 17, 14, 0, 3][place],
    })),
    waits: [waits("imminent", 4, 21, 48, 1), waits("high", 17, 64, 171, 0.941), waits("watch", 23, 190, 702, 0.87), waits("none", 0, null, null, null)],
    by_day, outcomes: [["talked", 34], ["reviewed", 11], ["unreached", 5], ["contact_told", 2], ["emergency_called", 1], ["hospital", 2]].map(([outcome, count]) => ({ outcome, count })),
    marks: { missed: 2, false_alarm: 9, latest: [
      { message_id: 7, handoff_id: 896, verdict: "missed", expected: "high", by: "lin", created_at: ago(20 * HOUR) },
      { message_id: 9, handoff_id: 893, verdict: "false_alarm", expected: "none", by: "chen", created_at: ago(50 * HOUR) },
    ] },
    ratings: { counts: [2, 6, 25], latest: [
      { handoff_id: 896, faces: 3, text: "有人听我说完了，谢谢。<b>真的</b>", rated_at: ago(6 * HOUR) }, { handoff_id: 890, faces: 1, text: "等得有点久", rated_at: ago(30 * HOUR) }, { handoff_id: 888, faces: 2, text: null, rated_at: ago(31 * HOUR) },
    ] },
    quality_sample: sample, now: new Date().toISOString(),
  };
}

const ok = (body = {}) => ({ status: 200, body });
const fail = (status, code, message, fields) => ({ status, body: { error: { code, message, ...(fields ? { fields } : {}) } } });
const now = () => new Date().toISOString();

function search(query) {
  const wanted = (name, of) => !query.get(name) || of === query.get(name);
  const rows = PAST.filter(
    (row) =>
      wanted("level", row.level) && wanted("topic", row.topic) && wanted("status", row.status) && wanted("counsellor", row.accepted_by) && (row.nickname ?? "").includes(query.get("nickname") ?? "") &&
      (!query.get("from") || row.requested_at.slice(0, 10) >= query.get("from")) && (!query.get("to") || row.requested_at.slice(0, 10) <= query.get("to")),
  );
  const start = (Number(query.get("page") ?? 1) - 1) * 50;
  return ok({ rows: rows.slice(start, start + 50), total: rows.length, now: now() });
}

function changeAccount(account, body) {
  const { disabled, reset_password, reset_totp, ...fields } = body;
  if (fields.shown_name === "") return fail(422, "incomplete", "还有没填好的地方。", ["shown_name"]);
  if (disabled !== undefined && account.role === "admin") return fail(409, "last_admin", "这是最后一个管理员，不能停用。");
  Object.assign(account, fields);
  if (disabled !== undefined) account.disabled_at = disabled ? now() : null;
  if (reset_totp) account.is_enrolled = false;
  return ok({ account, ...(reset_password ? { password: "松木-灯塔-七月-3914" } : {}) });
}

/** What to answer to a call of these pages (`path` without `/api/console/`), or null when it is not theirs. */
export function answerTeam(method, path, query, body) {
  const [head, id, tail] = path.split("/");
  const is = (verb, pattern) => method === verb && new RegExp(`^${pattern}$`).test(path);
  if (is("GET", "follow-ups")) return ok({ rows: followUps, now: now() });
  if (is("POST", "follow-ups/\\d+/done")) return ok(followUps.splice(followUps.findIndex((each) => each.id === Number(id)), 1)[0]);
  if (is("GET", "search")) return search(query);
  if (is("GET", "team")) return ok(team(Number(query.get("days") ?? 7)));
  if (is("POST", "cases/\\d+/quality")) return ok(Object.assign(sample.find((row) => row.id === Number(id)) ?? {}, { quality: body.quality }));
  if (is("GET", "accounts")) return ok({ accounts });
  if (is("POST", "accounts")) {
    if (accounts.some((each) => each.name === body.name)) return fail(422, "incomplete", "这个登录名已经有人用了。", ["name"]);
    accounts.push({ ...body, id: `a${accounts.length + 1}`, is_enrolled: false, locked_until: null, created_at: now(), disabled_at: null });
    return ok({ account: accounts.at(-1), password: "河岸-纸鸢-清晨-2750" });
  }
  if (is("PATCH", "accounts/\\w+")) return changeAccount(accounts.find((each) => each.id === id), body);
  if (head === "accounts" && tail === "shifts") {
    const account = accounts.find((each) => each.id === id);
    if (method === "PUT") shifts[id] = body;
    return ok({ timezone: account?.timezone ?? "Asia/Shanghai", ...(shifts[id] ?? { shifts: [], exceptions: [] }) });
  }
  if (path === "holidays") {
    if (method === "PUT") holidays = body.holidays;
    return ok({ holidays });
  }
  if (is("GET", "hotlines")) return ok({ hotlines });
  if (path === "retention") {
    if (method === "PUT") Object.assign(retention, body);
    return ok({ ...retention, holds });
  }
  if (is("POST", "holds")) {
    if (!PAST.some((row) => row.id === body.handoff_id)) return fail(404, "not_found", "没有这个编号的个案。");
    holds.push({ id: Date.now(), worker_id: "w9", nickname: "小雨", reason: body.reason, placed_by: "admin", placed_at: now() });
    return ok(holds.at(-1));
  }
  if (is("DELETE", "holds/\\d+")) return ok(holds.splice(holds.findIndex((each) => each.id === Number(id)), 1)[0]);
  if (is("GET", "notifications")) return ok({ notifications: letters, pending: 1, channels: ["dingtalk", "email"], now: now() });
  if (is("POST", "notifications/\\d+/retry")) {
    letters = letters.filter((each) => each.id !== Number(id));
    return ok();
  }
  if (is("GET", "audit")) {
    const wanted = entries.filter((each) => !query.get("subject") || each.subject === query.get("subject"));
    const start = (Number(query.get("page") ?? 1) - 1) * 50;
    return ok({ entries: wanted.slice(start, start + 50), total: wanted.length, is_intact: true, broken_id: null });
  }
  if (is("PUT", "me/password")) return body.old === "错" ? fail(422, "wrong_password", "原来的密码不对。", ["old"]) : ok();
  return null;
}
