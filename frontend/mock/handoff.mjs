/**
 * A human behind the mock: 真人 asks for one, who comes after `COMES_MS`, says two things and types now and then;
 * 下班 asks while nobody is on duty, 紧急 in danger; 先这样 ends the talk, with a rating after it.
 */
const COMES_MS = 6_000;
const say = (author, text, custom = null, buttons = []) => ({ author, text, buttons, custom });
const counsellor = { kind: "counsellor", name: "林老师" };
const BUTTONS = ["先稳一稳", "能打的电话", "取消等待"];

const waiting = (more) => ({ kind: "waiting", place: 3, level: "none", on_duty: true, next_at: null, can_cancel: true, ...more });
const tomorrow = () => new Date(new Date().setHours(33, 0, 0, 0)).toISOString();

const COMES = [
  say("system", "现在是真人。林老师来了，是值班咨询师，你前面写的能看到。接下来跟你说话的是林老师。", counsellor),
  say("counsellor", "你好，我姓林，今晚我值班。前面的话我看过了，你不用从头再说。", counsellor),
  say("counsellor", "现在身边有人吗？", counsellor),
];
const GOES = [
  say("system", "现在换回小程序助手。真人这一段先到这儿，你们说过的都还在。想再找真人，说一声“找真人”。"),
  say("system", "刚才跟真人聊的这一段，你觉得怎么样？不想评也没关系。", { kind: "rating", handoff_id: 7, faces: 0 }),
];
const ASKED = {
  真人: [say("system", "前面还有2个人在等。我们尽量在15分钟内接上，忙的时候会更久。人来了，这里会写“现在是真人”。", waiting(), BUTTONS)],
  下班: [say("system", "这会儿没有咨询师值班，下一班是明天9:00（按你那边的时间）。你想说的可以先写下来，留着，他们来了会看。", waiting({ place: 1, on_duty: false, next_at: tomorrow() }), BUTTONS)],
  紧急: [say("system", "真人还没有接上。接上的时候，这里会写“现在是真人”；在那之前，跟你说话的只有我这个程序。", waiting({ place: 1, level: "high", can_cancel: false }))],
};

/** Takes the text when it is about a human, or when one is here; gives false otherwise. */
export function humanTakes(session, text, answer, publish) {
  const asked = Object.keys(ASKED).find((word) => text.includes(word));
  if (text === "取消等待") {
    session.human = null;
    void answer([say("system", "好，不等了。想找真人的时候再说一声。我还在，接着聊也行。", { kind: "waiting_over", lines: [] })]);
  } else if (text.includes("先这样") && session.human === "here") {
    session.human = null;
    void answer(GOES);
  } else if (session.human === "here") {
    publish({ type: "typing", active: true });
    setTimeout(() => void answer([say("counsellor", `嗯，“${text}”，我在听。`, counsellor)]), 2_500);
  } else if (asked) {
    session.human = "asked";
    void answer(ASKED[asked]);
    if (asked === "真人") setTimeout(() => comes(session, answer), COMES_MS);
  } else return false;
  return true;
}

function comes(session, answer) {
  if (session.human !== "asked") return;
  session.human = "here";
  void answer(COMES);
}

/** The calls of docs/protocol.md about visits, the emergency contact and consents: `[status, body]`, or null. */
export function ownRecord(session, method, path, body) {
  if (path.endsWith("/consents")) return [200, { version: "2026-11", consents: CONSENTS }];
  if (path.endsWith("/visits")) return [200, { visits: session.human === undefined ? [] : VISITS }];
  if (!path.endsWith("/emergency-contact")) return null;
  if (method === "PUT" && !/^\+?[\d\s-]{7,18}$/.test(body.phone)) {
    return [422, { error: { code: "incomplete", message: "还差一点，请再看看：电话号码（7 到 15 位数字，国外的以 + 开头）。", fields: ["phone"] } }];
  }
  if (method !== "GET") session.contact = method === "PUT" ? body : null;
  return [200, { contact: session.contact ?? null }];
}

const CONSENTS = [
  { kind: "improvement", title: "用来改进系统", text: "去掉称呼和号码后，帮我们改进听得准不准。", can_grant: true, granted_at: null },
];
const ago = (minutes) => new Date(Date.now() - minutes * 60_000).toISOString();
const VISITS = [
  { at: ago(4), who: "咨询师", why: "在接待你" },
  { at: ago(9), who: "咨询师", why: "你在等真人，先了解一下情况" },
  { at: ago(3_000), who: "督导", why: "抽查服务质量" },
];
