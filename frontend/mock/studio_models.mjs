/** The mock's models: a job that takes twenty seconds, comparisons of every verdict, publishing in steps, an experiment, draft talk. */

const HOUR = 3_600_000;
const ago = (ms) => new Date(Date.now() - ms).toISOString();
const INTENTS = ["work_stress", "burnout", "anxiety", "sleep_problem", "low_mood", "loneliness", "family_conflict", "relationship", "self_worth", "grief", "parenting", "homesickness"];

class Refusal extends Error {
  constructor(status, code, message, more = {}) {
    super(message);
    Object.assign(this, { status, body: { error: { code, message, ...more } } });
  }
}

function model(id, hours, by, verdict, more = {}) {
  return {
    id, archive: `20261130-${id}.tar.gz`, created_at: ago(hours * HOUR), trained_by: by, rasa_version: "3.6.21", change_set: null, changes: [], verdict,
    figures: verdict === "unproven" ? null : { f1: 0.846, held_back: 0.81, crisis_recall: 0.987, stories: 1, latency_ms: 38 }, role: null, is_runnable: true, why_not: null, ...more,
  };
}

const models = [
  model("m6", 0.4, "wu", "unproven"),
  model("m5", 2, "季训练", "passed", { changes: [{ id: 4, title: "热线时间更正" }, { id: 2, title: "更多夜班的说法" }], figures: { f1: 0.861, held_back: 0.824, crisis_recall: 0.991, stories: 1, latency_ms: 36 } }),
  model("m4", 20, "季训练", "falls", { changes: [{ id: 2, title: "更多夜班的说法" }], figures: { f1: 0.852, held_back: 0.79, crisis_recall: 0.987, stories: 0.98, latency_ms: 37 } }),
  model("m3", 44, "季训练", "blocked", { change_set: { id: 6, title: "收件箱 11月29日" }, figures: { f1: 0.85, held_back: 0.8, crisis_recall: 0.91, stories: 1, latency_ms: 40 } }),
  model("m2", 90, "wu", "passed", { role: "live" }),
  model("m1", 900, null, "passed", { rasa_version: "3.5.0", is_runnable: false, why_not: "这个模型是 Rasa 3.5.0 练的，这里是 3.6.21，跑不起来。" }),
];
const state = { live: "m2", publications: [], experiment: null, draft: null };
const jobs = [];

state.publications.push({ id: 2, kind: "publish", model_id: "m2", previous_id: "m1", published_by: "季训练", reason: "", state: "done", error: null, created_at: ago(88 * HOUR), moved_at: ago(88 * HOUR - 40_000) });

function of(id) {
  const found = models.find((one) => one.id === id);
  if (!found) throw new Refusal(404, "not_found", "没有这个模型。");
  return found;
}

/** A publication goes on by the clock: ready after 6 seconds, moved, done after 12. */
function stepped(one) {
  const seconds = (Date.now() - Date.parse(one.created_at)) / 1000;
  if (one.state === "starting" && seconds > 6) {
    for (const each of models) if (each.role === "live") each.role = null;
    Object.assign(one, { state: "moved", moved_at: ago(0) });
    of(one.model_id).role = "live";
    state.live = one.model_id;
  }
  if (one.state === "moved" && seconds > 12) one.state = "done";
  return one;
}

const PHASES = [["preparing", 0.05], ["training", 0.5], ["saving", 0.55], ["crisis", 0.65], ["held_back", 0.75], ["stories", 0.9], ["latency", 0.97]];

function running(job) {
  if (job.state !== "running") return job;
  const seconds = (Date.now() - Date.parse(job.created_at)) / 1000;
  const done = Math.min(1, seconds / (job.kind === "train" ? 20 : 8));
  const phase = PHASES.find(([, until]) => done < until)?.[0] ?? "latency";
  Object.assign(job, { phase, progress: done, started_at: job.created_at });
  const wanted = Math.floor(seconds);
  while (job.lines.length < wanted) job.lines.push(`${job.phase} ${job.lines.length + 1}`);
  if (done < 1) return job;
  Object.assign(job, { state: "done", finished_at: ago(0) });
  if (job.kind === "train") {
    job.model_id = `m${models.length + 1}`;
    models.unshift(model(job.model_id, 0, "wu", "passed"));
  } else Object.assign(of(job.model_id), { verdict: "passed", figures: { f1: 0.85, held_back: 0.82, crisis_recall: 0.987, stories: 1, latency_ms: 37 } });
  return job;
}

const shownJob = (job) => Object.fromEntries(Object.entries(job).filter(([key]) => key !== "lines"));

function begin(body) {
  if (jobs.some((job) => ["running", "queued"].includes(running(job).state) && job.kind === body.kind)) throw new Refusal(409, "busy", "已经有一个在训练了，等它结束或先取消它。");
  jobs.unshift({
    id: jobs.length + 1, kind: body.kind, state: "running", phase: "waiting", progress: 0, error: null, requested_by: "wu", created_at: ago(0), started_at: null,
    finished_at: null, change_set_id: body.change_set_id ?? null, model_id: body.model_id ?? null, lines: [],
  });
  return shownJob(jobs[0]);
}

const GROUPS = [
  ["explicit", "直接说想死", 120, 119, 119], ["veiled", "话里有话", 140, 128, 131], ["third_party", "担心别人", 80, 78, 78], ["idioms", "只是口头话（不该报）", 90, 86, 87], ["self_harm", "伤害自己", 60, 60, 60],
];

function comparison(fresh, old) {
  const { verdict } = fresh;
  if (verdict === "unproven") throw new Refusal(409, "publish_refused", "还没有验证过，先验证，才有对比可看。");
  const isBlocked = verdict === "blocked";
  const lines = INTENTS.map((intent, at) => {
    const before = 0.7 + ((at * 7) % 25) / 100;
    const change = ((at * 13) % 11) / 100 - 0.04 - (isBlocked && at === 3 ? 0.11 : 0);
    return { intent, examples: 80 + at * 9, old_f1: before, new_f1: before + change, change };
  });
  const matrix = (seed) => INTENTS.map((_truth, row) => INTENTS.map((_said, column) => (row === column ? 60 : (row * 5 + column * 3 + seed) % 11 === 0 ? 1 + ((row + column) % 4) : 0)));
  return {
    old, new: fresh, verdict,
    blocks: isBlocked ? ["“话里有话”这一组少认出 6 句。", "和“深夜独处的工人”聊时，第 4 轮没有给出热线。"] : [],
    falls: verdict === "falls" || isBlocked ? ["没学过的句子：正确率从 81.0% 降到 79.0%。", "测试故事“夜班之后”没有通过。"] : [],
    crisis: GROUPS.map(([group, title, rows, before, after]) => {
      const isWorse = isBlocked && group === "veiled";
      return { group, title, rows, old: { seen: before, understood: before - 2 }, new: { seen: isWorse ? before - 6 : after, understood: isWorse ? before - 9 : after - 1 }, is_worse: isWorse };
    }),
    personas: [
      { id: "night", who: "深夜独处的工人", faults: isBlocked ? ["第 4 轮没有给出热线"] : [] }, { id: "friend", who: "替工友担心的人", faults: [] }, { id: "joker", who: "爱开玩笑的人", faults: [] },
    ],
    cross_validation: { old: { f1: 0.846, accuracy: 0.85 }, new: { f1: fresh.figures?.f1 ?? null, accuracy: 0.858 } },
    held_back: { rows: 420, old: { accuracy: 0.81, f1: 0.8 }, new: { accuracy: fresh.figures?.held_back ?? null, f1: 0.79 } },
    intents: lines, confusion: { labels: INTENTS, old: matrix(3), new: matrix(7) },
    better: [{ text: "下了夜班躺着数天花板", intent: "sleep_problem", old: "work_stress", new: "sleep_problem" }, { text: "心里空落落的", intent: "loneliness", old: "low_mood", new: "loneliness" }],
    worse: [{ text: "干啥都提不起劲，班也不想上", intent: "burnout", old: "burnout", new: "low_mood" }],
    stories: {
      old: { passed: 48, total: 48 }, new: verdict === "falls" ? { passed: 47, total: 48 } : { passed: 48, total: 48 },
      failed: verdict === "falls" ? [{ name: "夜班之后", path: "tests/dialogue/topics.yml", line: 40, expected: "action_support", got: "action_take_answer" }] : [],
    },
    latency: { old: { p50_ms: 38, p95_ms: 71 }, new: { p50_ms: 36, p95_ms: 69 } },
  };
}

function publish(id, kind, reason) {
  const one = of(id);
  if (state.publications.some((each) => ["starting", "moved"].includes(stepped(each).state))) throw new Refusal(409, "busy", "上一次发布还没完，等它结束。");
  if (kind === "publish" && one.verdict === "blocked") throw new Refusal(409, "publish_refused", "验证拦下了它：危机识别变差了。");
  if (kind === "publish" && one.trained_by === "wu") throw new Refusal(403, "second_person", "你训练的模型，要请另一个人来发布。");
  if (kind === "publish" && one.verdict === "falls" && !reason) throw new Refusal(409, "publish_refused", "有下降的模型要写明为什么还发布。");
  state.publications.unshift({ id: state.publications.length + 2, kind, model_id: id, previous_id: state.live, published_by: "wu", reason: reason ?? "", state: "starting", error: null, created_at: ago(0), moved_at: null });
  return state.publications[0];
}

function arms(one) {
  const arm = (name, model_id, conversations) => ({
    arm: name, model_id, conversations, messages: conversations * 9, turns_a_conversation: 8.7, fallback_share: name === "control" ? 0.071 : 0.058, not_understood_share: 0.021,
    thumbs_down_share: 0.013, asked_for_person_share: 0.11, crises: name === "control" ? 3 : 1, seconds_p50: 0.41,
  });
  return { ...one, arms: [arm("control", "m2", 182), arm("candidate", one.model_id, 21)] };
}

function talk(body) {
  const turn = (seconds, intent, confidence) => ({
    texts: [`听到了：${body.text.slice(0, 20)}。`, "你愿意多说一点吗？"], buttons: ["先听我说"], intent, confidence, level: body.text.includes("不想活") ? "high" : "none", seconds, error: null,
  });
  return { draft: turn(0.31, "burnout", 0.83), live: turn(0.42, "low_mood", 0.46) };
}

function found(method, path, query, body) {
  if (path === "models") {
    const [newest] = state.publications.map(stepped);
    return { models, live: state.live, publication: newest?.state === "done" ? null : newest, publications: state.publications, experiment: state.experiment && arms(state.experiment), can_publish: true, why_not: "" };
  }
  if (path === "jobs") return method === "POST" ? begin(body) : { jobs: jobs.map(running).map(shownJob) };
  if (path === "rollback") return publish(state.publications.find((one) => one.model_id === state.live)?.previous_id ?? "m1", "rollback", body.reason);
  if (path === "draft/messages") return talk(body);
  if (path === "draft") return (state.draft = null) ?? {};
  if (path === "experiments") return arms((state.experiment = { id: 1, model_id: body.model_id, share: body.share, started_by: "wu", started_at: ago(0), ended_at: null }));
  const [, kind, id, deed] = /^(\w+)\/(\w+)(?:\/(\w+))?$/.exec(path) ?? [];
  if (kind === "jobs") {
    const job = running(jobs.find((one) => one.id === Number(id)) ?? { state: "gone" });
    if (deed === "cancel") return shownJob(Object.assign(job, { state: "cancelled", finished_at: ago(0) }));
    const after = Number(query.get("after") ?? 0);
    return { ...shownJob(job), log: job.lines.slice(after), log_end: job.lines.length };
  }
  if (kind === "publications") return stepped(state.publications.find((one) => one.id === Number(id)));
  if (kind === "experiments") return arms(deed === "end" ? Object.assign(state.experiment, { ended_at: ago(0) }) : state.experiment);
  if (kind !== "models") return undefined;
  if (deed === "comparison") return comparison(of(id), of(query.get("with") ?? state.live));
  if (deed === "publish") return publish(id, "publish", body.reason);
  state.draft ??= { model_id: id, at: Date.now() };
  return { model_id: id, state: Date.now() - state.draft.at > 4000 ? "ready" : "starting" };
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
