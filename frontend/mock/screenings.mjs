/** Screenings to look at: a course with an overlapping run, one where high is good, one on invitation, one left in the middle. */
const DAY = 86_400_000;
const ago = (days) => new Date(Date.now() - days * DAY).toISOString();
const bands = (...parts) => parts.map(([from, to, label]) => ({ from, to, label }));

const DEPRESSION = bands([0, 4, "轻微或没有"], [5, 9, "轻度"], [10, 14, "中度"], [15, 19, "中重度"], [20, 27, "重度范围"]);
const DASS = {
  depression: ["抑郁症状", bands([0, 9, "正常"], [10, 13, "轻度"], [14, 20, "中度"], [21, 27, "重度"], [28, 42, "极重度"])],
  anxiety: ["焦虑症状", bands([0, 7, "正常"], [8, 9, "轻度"], [10, 14, "中度"], [15, 19, "重度"], [20, 42, "极重度"])],
  stress: ["压力症状", bands([0, 14, "正常"], [15, 18, "轻度"], [19, 25, "中度"], [26, 33, "重度"], [34, 42, "极重度"])],
};

function scale(id, title, value, [lowest, highest], parts, extra = {}) {
  const band = parts.find((each) => value !== null && value >= each.from && value <= each.to);
  const means = band ? [`这两周${title}在“${band.label}”这一段。`, "这不是诊断。想说说，咨询师也在。"] : [];
  return { id, title, value, lowest, highest, label: band?.label ?? null, is_prorated: false, is_minimum: false, bands: parts, means, ...extra };
}

let number = 0;
const run = (days, scales, extra = {}) => ({
  run_id: String((number += 1)).padStart(32, "0"), finished_at: ago(days), is_invited: false, is_opened: true, is_overlapping: false, shared_at: null, scales, ...extra,
});
const phq9 = (days, value, extra, scaleExtra) => run(days, [scale("total", "抑郁症状", value, [0, 27], DEPRESSION, scaleExtra)], extra);
const WELL_BEING = bands([0, 28, "很低"], [29, 50, "偏低"], [51, 100, "幸福感尚可"]);
const who5 = (days, value) => run(days, [scale("total", "身心健康", value, [0, 100], WELL_BEING)]);
const dass = (days, values, extra) =>
  run(days, Object.entries(DASS).map(([id, [title, parts]], i) => scale(id, title, values[i], [0, 42], parts)), { is_invited: true, ...extra });

const about = (id, name, title, purpose, minutes, period, days, extra = {}) => ({
  id, name, title, purpose, minutes, period, days, can_begin: true, is_invited: false, says: `我想做“${name}”`, waiting: null,
  is_higher_better: false, source: "INSTRUMENTS.md", licence: "无需许可。", unverified: [], runs: [], ...extra,
});

const ALL = [
  about("gad-7", "焦虑症状七题", "广泛性焦虑量表（GAD-7）", "看看过去两周里，紧张、担心、坐立不安这类焦虑症状有多频繁。", 2, "过去两周", 14, {
    says: "接着做“焦虑症状七题”", waiting: { run_id: "f".repeat(32), answered: 3, of: 7 },
  }),
  about("dass-21", "情绪压力21题", "抑郁-焦虑-压力量表简体中文版（DASS-21）", "咨询师邀请你做的一份量表，分开看过去一周的抑郁、焦虑和压力症状。", 4, "过去一周", 7, {
    is_invited: true, runs: [dass(40, [18, 8, 20], { shared_at: ago(39) }), dass(12, [10, 12, 14], { shared_at: ago(11) })],
  }),
  about("phq-4", "情绪四题", "患者健康问卷四项（PHQ-4）", "四道题，先粗看一眼过去两周的紧张担心和心情低落。", 1, "过去两周", 14),
  about("phq-9", "抑郁症状九题", "患者健康问卷（PHQ-9）", "看看过去两周里，心情低落、提不起劲这类抑郁症状有多频繁。", 3, "过去两周", 14, {
    unverified: ["功能题的选项文字为自译"],
    runs: [
      phq9(95, 17, { shared_at: ago(94) }), phq9(70, 15), phq9(66, 12, { is_overlapping: true }), phq9(44, 13, {}, { is_prorated: true }),
      phq9(20, 9), phq9(2, 7),
    ],
  }),
  about("who-5", "身心健康五题", "世界卫生组织五项身心健康指标（WHO-5，1998年版）", "五道题，看看过去两周里的愉快、放松和精力。分数越高越好。", 1, "过去两周", 14, {
    is_higher_better: true, runs: [who5(60, 24), who5(30, 44), who5(3, 56)],
  }),
  about("jenkins-4", "睡眠四题", "Jenkins睡眠量表（4项）", "四道题，看看过去一个月有多少天睡不好。", 1, "过去一个月", 30, { runs: [run(5, [scale("total", "睡眠困难", 11, [0, 20], [])])] }),
  about("pc-ptsd-5", "经历之后五题", "创伤后应激初筛（PC-PTSD-5）", "经历过很吓人的事以后，看看过去一个月它还怎么影响你。", 2, "过去一个月", 30, {
    can_begin: false, runs: [run(1, [], { is_invited: true, is_opened: false })],
  }),
];

function listed({ runs, ...head }) {
  return { ...head, last: runs.length ? runs[runs.length - 1] : null };
}

/** Status and body of a call below /api/me/screenings. */
export function answerScreenings(method, [name, share]) {
  if (name === undefined) return [200, { screenings: ALL.map(listed) }];
  const known = ALL.find((each) => each.id === name);
  if (method === "GET") return known ? [200, known] : [404, { error: { code: "not_found", message: "没有找到。" } }];
  for (const each of ALL) {
    const found = each.runs.find((one) => one.run_id === name);
    if (found && share) found.shared_at = method === "POST" ? new Date().toISOString() : null;
    else if (found) each.runs.splice(each.runs.indexOf(found), 1);
    if (found) return [200, {}];
  }
  return [404, { error: { code: "not_found", message: "没有找到。" } }];
}

export const wordsFor = (id) => ALL.find((each) => each.id === id)?.says ?? "我想做测评";

const say = (text, extra = {}) => ({ author: "bot", text, buttons: [], custom: null, ...extra });

export function firstQuestion(id) {
  const { minutes, waiting } = ALL.find((each) => each.id === id);
  const options = ["完全不会", "好几天", "一半以上的天数", "几乎每天"];
  if (waiting) return [say(`好，接着做。现在第${waiting.answered + 1}题，共${waiting.of}题。`), say("很难放松下来", { buttons: options })];
  return [
    say(`大约${minutes}分钟，不是诊断，结果你不点头就不给别人看。如果你的回答提到伤害自己，值班咨询师会看到并联系你。`),
    say("（1/9）做事时提不起劲或没有兴趣", { buttons: options }),
  ];
}

/** A result as it comes in the thread; with 健康 the one where high is good. */
export function screeningResult(text) {
  const found = ALL.find((each) => each.id === (text.includes("健康") ? "who-5" : "phq-9"));
  const last = found.runs[found.runs.length - 1];
  const card = { kind: "screening_result", title: found.name, is_higher_better: found.is_higher_better, scales: last.scales };
  return [say("答完了，谢谢你。", { custom: card }), say("这不是诊断。要给咨询师看吗？你说了算。", { buttons: ["给咨询师看", "先不给"] })];
}
