/**
 * A gateway for looking at the console: speaks docs/console.md from memory, keeps nothing. node mock/console.mjs [port]
 * Sign in as lin (counsellor), gu (supervisor), admin, or neu (first time, shows the QR) with any password but 错; any code but 000000.
 * Texts of the counsellor that make trouble: 断开 (drops the socket), 拒绝, 到期 (ends the session). GET /mock/offer, /mock/alert push one.
 */
import { randomUUID } from "node:crypto";
import { createReadStream, existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { WebSocketServer } from "ws";
import { parse } from "yaml";
import { ADMIN, at, brief, COUNSELLORS, ME, rows, SUPERVISOR, thread, WORDS } from "./console_data.mjs";
import { answerTeam } from "./console_team.mjs";

const PORT = Number(process.argv[2] ?? 8125);
const OURS = `http://127.0.0.1:${PORT}`;
const STATIC = join(import.meta.dirname, "../../bot/web/static");
const CANNED = join(import.meta.dirname, "../../content/canned_replies.yml");
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css" };
// Word for word the gateway's (bot/web/middlewares.py).
const POLICY =
  `default-src 'self'; script-src 'self'; style-src 'self'; connect-src 'self' ws://127.0.0.1:${PORT}; img-src 'self' data:; ` +
  "base-uri 'none'; form-action 'self'; object-src 'none'; frame-ancestors 'none'";
const STAFF = { lin: ME, neu: ME, gu: SUPERVISOR, admin: ADMIN };

const sessions = new Map();
const sockets = new Set();
const cases = new Map(rows().map((row) => [row.id, row]));
const threads = new Map([...cases.keys()].map((id) => [id, thread(id)]));
const notes = new Map([[405, [{ id: 1, who: "周老师", text: "上次谈到和组长的事，说好这周联系一次。", created_at: at(-20 * 86_400_000) }]]]);
let event = 100_000;

const next = () => (event += 1);
const publish = (frame) => {
  for (const socket of sockets) socket.send(JSON.stringify(frame));
};
const publishRow = (row) => publish({ type: "row", row, now: at(0), event: next() });
const change = (row, values) => {
  Object.assign(row, values);
  publishRow(row);
  return row;
};

function bubble(caseId, author, text, values = {}) {
  const list = threads.get(caseId);
  const made = {
    case_id: caseId, id: caseId * 1000 + list.length, event: next(), author, name: null, text, buttons: [], custom: null, created_at: at(0),
    external_id: null, delivered_at: null, level: author === "worker" ? "none" : null, ...values,
  };
  list.push(made);
  return made;
}

function alert(caseId) {
  const row = cases.get(caseId);
  publish({ type: "alert", case_id: caseId, level: row.level, reason: row.reason, tier: row.tier, created_at: at(0), event: next() });
}

class Refused extends Error {
  constructor(status, code, message, fields) {
    super(message);
    Object.assign(this, { status, body: { error: { code, message, ...(fields ? { fields } : {}) } } });
  }
}

function close(row, body) {
  const isGrave = row.level === "high" || row.level === "imminent";
  const fields = [body.outcome ? null : "outcome", ...(isGrave ? [body.level_after ? null : "level_after", body.follow_ups?.length ? null : "follow_up", body.summary ? null : "summary"] : [])].filter(Boolean);
  if (fields.length) throw new Refused(422, "incomplete", "还差几样没写。", fields);
  return change(row, { status: "closed" });
}

function act(row, deed, body, me) {
  if (deed === "accept") {
    if (row.status === "active") throw new Refused(409, "already_accepted", "周老师先接了。");
    return change(row, { status: "active", accepted_by: me.id, accepted_at: at(0), counsellor_name: me.shown_name, offered_to: null, has_open_alert: false });
  }
  if (deed === "decline") return change(row, { offered_to: null, offer_until: null });
  if (deed === "release") return change(row, { status: "closed" });
  if (deed === "transfer") return change(row, { status: "waiting", accepted_by: null, counsellor_name: null, reason: "transfer", requested_at: at(0), due_at: at(900_000) });
  if (deed === "assign") return change(row, { status: "active", accepted_by: body.to, counsellor_name: COUNSELLORS.find((one) => one.id === body.to)?.shown_name });
  if (deed === "close") return close(row, body);
  if (deed === "level") {
    const isHeld = row.level === "imminent" && body.level !== "imminent";
    if (!isHeld) change(row, { level: body.level });
    return { level: row.level, is_waiting_for_second: isHeld };
  }
  if (deed === "notes") {
    const note = { id: next(), who: me.shown_name, text: body.text, created_at: at(0) };
    notes.set(row.id, [...(notes.get(row.id) ?? []), note]);
    return note;
  }
  if (deed === "acts") return body.act === "contacted_emergency_contact" ? { contact: { name: "强弟", relation: "弟弟", phone: "13800000000" } } : {};
  if (deed === "screening" || deed === "marks" || deed === "flags" || deed === "listen" || deed === "quality") return {};
  return undefined;
}

function answerCase(method, path, query, body, me) {
  const [, id, deed] = /^cases\/(\d+)(?:\/(\w+))?$/.exec(path) ?? [];
  if (id === undefined) return undefined;
  const row = cases.get(Number(id));
  if (row === undefined) throw new Refused(404, "not_found", "没有这个个案，或者不是你的。");
  const reason = query.get("reason");
  const isOpen = row.status === "waiting" || row.accepted_by === me.id;
  if (deed === undefined && !isOpen && !reason) throw new Refused(422, "incomplete", "请先选为什么要看这个个案。", ["reason"]);
  if (deed === undefined) return brief(row, notes.get(row.id) ?? []);
  if (deed === "messages") return { messages: threads.get(row.id), has_more: row.id === 405 && !query.get("before") };
  return method === "POST" ? act(row, deed, body, me) : undefined;
}

function answer(method, path, query, body, me) {
  if (path === "me" && method === "GET") return { me, sessions: [{ id: "s1", created_at: at(-3_600_000), used_at: at(0), is_this: true }], ...WORDS };
  if (path === "queue") return { rows: open(me), now: at(0), event };
  if (path === "counsellors") return { counsellors: COUNSELLORS };
  if (path === "canned") return { replies: existsSync(CANNED) ? parse(readFileSync(CANNED, "utf8")).replies : [] };
  return answerCase(method, path, query, body, me);
}

const open = (me) => [...cases.values()].filter((row) => row.status === "waiting" || (row.status === "active" && (row.accepted_by === me.id || me.role === "supervisor")));
const tokenOf = (request) => /xinyi_staff=([\w-]+)/.exec(request.headers.cookie ?? "")?.[1];

function signIn(path, body, request) {
  if (path === "sign-in") {
    const me = STAFF[body.name];
    if (!me || body.password === "错") throw new Refused(401, "sign_in_refused", "账号或密码不对。");
    const token = randomUUID();
    sessions.set(token, { me, isConfirmed: false });
    const secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";
    const uri = `otpauth://totp/%E5%BF%83%E9%A9%BF:${body.name}?secret=${secret}&issuer=%E5%BF%83%E9%A9%BF`;
    return [token, body.name === "neu" ? { next: "enrol", uri, secret } : { next: "totp" }];
  }
  const found = sessions.get(tokenOf(request));
  if (!found || body.code === "000000") throw new Refused(401, "sign_in_refused", "动态码不对，等下一个再试。");
  const token = randomUUID();
  sessions.set(token, { ...found, isConfirmed: true });
  return [token, { me: found.me }];
}

function api(request, url, body) {
  const path = url.pathname.slice("/api/console/".length);
  if (path === "sign-in" || path === "totp") {
    const [token, answered] = signIn(path, body, request);
    return [200, answered, { "set-cookie": `xinyi_staff=${token}; HttpOnly; SameSite=Strict; Path=/` }];
  }
  const session = sessions.get(tokenOf(request));
  if (!session?.isConfirmed) throw new Refused(401, "not_signed_in", "请先登录。");
  if (path === "sign-out") {
    sessions.delete(tokenOf(request));
    return [204, null, {}];
  }
  const team = answerTeam(request.method, path, url.searchParams, body);
  if (team !== null) return [team.status, team.body, {}];
  const found = answer(request.method, path, url.searchParams, body, session.me);
  if (found === undefined) throw new Refused(404, "not_found", "没有这个页面。");
  return [200, found, {}];
}

function push(path) {
  const row = cases.get(411);
  if (path === "/mock/offer") {
    publishRow(Object.assign(row, { status: "waiting", offered_to: "a1", offer_until: at(60_000), accepted_by: null }));
    publish({ type: "offer", case_id: 411, until: row.offer_until });
  } else if (path === "/mock/alert") alert(412);
  else if (path === "/mock/say") publish({ type: "message", ...bubble(405, "worker", "放好了，门也关上了") });
  else if (path === "/mock/drop") for (const socket of sockets) socket.terminate();
}

function sendFile(response, name, headers = {}) {
  const path = join(STATIC, normalize(name));
  if (!path.startsWith(STATIC) || !existsSync(path)) return response.writeHead(404).end();
  response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream", ...headers });
  createReadStream(path).pipe(response);
}

async function read(request) {
  let text = "";
  for await (const chunk of request) text += chunk;
  return text === "" ? {} : JSON.parse(text);
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, OURS);
  if (url.pathname === "/console") return sendFile(response, "console/index.html", { "content-security-policy": POLICY });
  if (url.pathname.startsWith("/static/")) return sendFile(response, url.pathname.slice("/static/".length));
  if (url.pathname.startsWith("/mock/")) {
    push(url.pathname);
    return response.writeHead(204).end();
  }
  const send = (status, body, headers = {}) =>
    response.writeHead(status, { "content-type": "application/json; charset=utf-8", ...headers }).end(body === null ? undefined : JSON.stringify(body));
  try {
    send(...api(request, url, await read(request)));
  } catch (error) {
    if (error instanceof Refused) send(error.status, error.body);
    else throw error;
  }
});

const heard = new Set();
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function onSay(socket, frame, me) {
  const isAgain = heard.has(frame.external_id);
  heard.add(frame.external_id);
  if (frame.text.includes("断开") && !isAgain) return socket.terminate();
  if (frame.text.includes("到期") && !isAgain) return socket.send('{"type":"ended"}');
  if (frame.text.includes("拒绝")) return socket.send(JSON.stringify({ type: "error", code: "forbidden", message: "这个个案已经不在你手上了。", external_id: frame.external_id }));
  const row = cases.get(frame.case_id);
  const said = bubble(frame.case_id, "counsellor", frame.text, { name: me.shown_name, external_id: frame.external_id });
  await pause(300);
  socket.send(JSON.stringify({ type: "stored", external_id: frame.external_id, case_id: frame.case_id, id: said.id, event: said.event }));
  change(row, { counsellor_at: at(0), unread: 0 });
  await pause(500);
  publish({ type: "delivered", case_id: frame.case_id, message_ids: [said.id], at: at(0) });
  await pause(900);
  publish({ type: "seen", case_id: frame.case_id, event: said.event });
  publish({ type: "typing", case_id: frame.case_id, active: true });
  await pause(3500);
  publish({ type: "message", ...bubble(frame.case_id, "worker", "嗯，我在看你说的。") });
  change(row, { worker_at: at(0) });
}

const gate = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 });
server.on("upgrade", (request, stream, head) => {
  gate.handleUpgrade(request, stream, head, (socket) => {
    const session = sessions.get(tokenOf(request));
    if (request.headers.origin !== OURS) return socket.close(4403);
    if (!session?.isConfirmed) return socket.close(4401);
    const send = (frame) => socket.send(JSON.stringify(frame));
    socket.on("close", () => sockets.delete(socket));
    socket.on("message", (data) => {
      const frame = JSON.parse(data.toString());
      if (frame.type === "hello") {
        sockets.add(socket);
        send({ type: "welcome", protocol: 1, me: session.me, event });
        send({ type: "queue", rows: open(session.me), now: at(0), event });
      } else if (frame.type === "ping") send({ type: "pong" });
      else if (frame.type === "present") session.me = { ...session.me, is_available: frame.is_available };
      else if (frame.type === "open") for (const each of threads.get(frame.case_id) ?? []) if (each.event > frame.after) send({ type: "message", ...each });
      if (frame.type === "read" && cases.has(frame.case_id)) change(cases.get(frame.case_id), { unread: 0 });
      if (frame.type === "say") void onSay(socket, frame, session.me);
    });
  });
});
server.listen(PORT, "127.0.0.1", () => console.log(`${OURS}/console`));
