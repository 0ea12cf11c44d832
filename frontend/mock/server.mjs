/**
 * A gateway for looking at the page: speaks docs/protocol.md from memory, keeps nothing.
 * node mock/server.mjs [port]: the worker's pages on 127.0.0.1:port, a host page on localhost:port+1.
 * Words that make trouble: 断开 (drops the socket), 限流, 存储, 沉默 (no answer), 离线 (refuses sockets for 20 s).
 * mock/handoff.mjs says what brings a human.
 * `/?long` starts with a long thread; every worker has the screenings of mock/screenings.mjs.
 */
import { randomUUID } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { WebSocketServer } from "ws";
import { humanTakes, ownRecord } from "./handoff.mjs";
import { answerScreenings, firstQuestion, screeningResult, wordsFor } from "./screenings.mjs";
import { answersTo, GREETING, isDanger, longThread, NOTICE } from "./script.mjs";

const PORT = Number(process.argv[2] ?? 8123);
const OURS = `http://127.0.0.1:${PORT}`;
const HOST = `http://localhost:${PORT + 1}`;
const STATIC = join(import.meta.dirname, "../../bot/web/static");
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css" };
const POLICY =
  "default-src 'self'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; frame-ancestors ";

const sessions = new Map();
let event = 0;
let id = 0;
let refusedUntil = 0;

function newSession(isLong) {
  const session = { consented: isLong, nickname: null, read: 0, sockets: new Set(), lines: [], seen: new Map() };
  if (isLong) for (const line of longThread()) keep(session, line);
  const token = randomUUID();
  sessions.set(token, session);
  return token;
}

function keep(session, line, external_id = null) {
  id += 1;
  event += 1;
  const message = { type: "message", id, event, created_at: new Date().toISOString(), ...line, external_id };
  session.lines.push(message);
  return message;
}

function publish(session, frame) {
  for (const socket of session.sockets) socket.send(JSON.stringify(frame));
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

async function answer(session, lines) {
  for (const line of lines) {
    publish(session, { type: "typing", active: true });
    await pause(500);
    publish(session, { type: "typing", active: false });
    publish(session, keep(session, line));
  }
}

function fail(socket, code, message, external_id = null) {
  socket.send(JSON.stringify({ type: "error", code, message, external_id }));
}

function onMessage(session, socket, frame) {
  const choice = frame.type === "choice" ? session.lines.find((line) => line.id === frame.message_id) : null;
  const text = frame.type === "screening" ? wordsFor(frame.questionnaire) : choice ? choice.buttons[frame.index] : frame.text;
  const again = session.seen.get(frame.external_id);
  if (again) {
    socket.send(JSON.stringify({ type: "stored", external_id: frame.external_id, id: again.id, event: again.event }));
    return;
  }
  if (text === "断开" && !session.dropped) {
    session.dropped = true;
    socket.terminate();
    return;
  }
  if (text.includes("离线")) {
    refusedUntil = Date.now() + 20_000;
    socket.terminate();
    return;
  }
  if (text.includes("沉默")) return;
  if (text.includes("限流")) return fail(socket, "rate_limited", "发得太快了，歇几秒再发。", frame.external_id);
  if (text.includes("存储")) return fail(socket, "storage", "没存上，请再试一次。", frame.external_id);
  if (!session.consented && !isDanger(text)) {
    return fail(socket, "consent_required", "先看一眼说明，点「知道了，开始聊」。", frame.external_id);
  }
  const line = keep(session, { author: "worker", text, buttons: [], custom: null }, frame.external_id);
  session.seen.set(frame.external_id, line);
  socket.send(JSON.stringify({ type: "stored", external_id: frame.external_id, id: line.id, event: line.event }));
  for (const other of session.sockets) if (other !== socket) other.send(JSON.stringify(line));
  if (frame.type === "screening") return void answer(session, firstQuestion(frame.questionnaire));
  if (text.includes("结果")) return void answer(session, screeningResult(text));
  if (humanTakes(session, text, (lines) => answer(session, lines), (other) => publish(session, other))) return;
  void answer(session, answersTo(text, session.seen.size));
}

function greet(session, socket, frame) {
  const others = session.lines.filter((line) => line.event > session.read && line.author !== "worker");
  const send = (value) => socket.send(JSON.stringify(value));
  send({
    type: "welcome",
    protocol: 1,
    consent_required: !session.consented,
    notice: NOTICE,
    nickname: session.nickname,
    unread: others.length,
    resumed: session.lines.length > 0,
  });
  for (const line of session.lines) if (line.event > frame.after) send(line);
  send({ type: "replayed", event });
}

function onFrame(socket, session, frame) {
  if (frame.type === "ping") socket.send('{"type":"pong"}');
  else if (frame.type === "read") session.read = Math.max(session.read, frame.event);
  else if (frame.type === "consent") {
    session.consented = true;
    session.nickname = frame.nickname ?? null;
    if (session.lines.length === 0) void answer(session, GREETING);
  } else if (frame.type === "flag") {
    socket.send(JSON.stringify({ type: "flagged", message_id: frame.message_id }));
  } else if (frame.type === "rate") {
    socket.send(JSON.stringify({ type: "rated", external_id: frame.external_id, handoff_id: frame.handoff_id }));
  } else if (frame.type === "message" || frame.type === "choice" || frame.type === "screening") onMessage(session, socket, frame);
}

const cookieOf = (request) => /xinyi_session=([\w-]+)/.exec(request.headers.cookie ?? "")?.[1];
const bearerOf = (request) => /^Bearer ([\w-]+)$/.exec(request.headers.authorization ?? "")?.[1];

function sendFile(response, name, headers = {}) {
  const path = join(STATIC, normalize(name));
  if (!path.startsWith(STATIC) || !existsSync(path)) return response.writeHead(404).end();
  response.writeHead(200, { "content-type": TYPES[extname(path)] ?? "application/octet-stream", ...headers });
  createReadStream(path).pipe(response);
}

function sendJson(response, status, body) {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8" }).end(JSON.stringify(body));
}

async function me(request, response) {
  const session = sessions.get(bearerOf(request) ?? cookieOf(request));
  if (!session) return sendJson(response, 401, { error: { code: "not_signed_in", message: "登录过期了，重新打开页面。" } });
  const path = new URL(request.url, OURS).pathname;
  if (path.startsWith("/api/me/screenings")) return sendJson(response, ...answerScreenings(request.method, path.split("/").slice(4)));
  const body = request.method === "PUT" ? JSON.parse(Buffer.concat(await request.toArray()).toString()) : null;
  const own = ownRecord(session, request.method, path, body);
  if (own) return sendJson(response, ...own);
  if (request.method === "GET") return sendJson(response, 200, { messages: session.lines });
  sessions.delete(bearerOf(request) ?? cookieOf(request));
  response.writeHead(204).end();
}

const server = createServer((request, response) => {
  const { pathname: path, searchParams } = new URL(request.url, OURS);
  const isLong = searchParams.has("long");
  if (path === "/") {
    const isKnown = sessions.has(cookieOf(request)) && !isLong;
    const cookie = isKnown ? {} : { "set-cookie": `xinyi_session=${newSession(isLong)}; HttpOnly; SameSite=Lax; Path=/` };
    sendFile(response, "index.html", { "content-security-policy": `${POLICY}'none'`, ...cookie });
  } else if (path === "/embed") sendFile(response, "embed.html", { "content-security-policy": POLICY + HOST });
  else if (path === "/widget.js") sendFile(response, "widget.js");
  else if (path.startsWith("/static/")) sendFile(response, path.slice("/static/".length));
  else if (path === "/api/session") sendJson(response, 200, { token: newSession(false) });
  else if (path.startsWith("/api/me")) void me(request, response);
  else response.writeHead(404).end();
});

const sockets = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 });
server.on("upgrade", (request, stream, head) => {
  if (Date.now() < refusedUntil) return stream.destroy();
  sockets.handleUpgrade(request, stream, head, (socket) => {
    if (request.headers.origin !== OURS) return socket.close(4403);
    let session = null;
    socket.on("message", (data, isBinary) => {
      if (isBinary) return socket.close(1003);
      const frame = JSON.parse(data.toString());
      if (session) return onFrame(socket, session, frame);
      session = sessions.get(frame.token ?? cookieOf(request));
      if (!session) return socket.close(4401);
      session.sockets.add(socket);
      greet(session, socket, frame);
    });
    socket.on("close", () => session?.sockets.delete(socket));
  });
});
server.listen(PORT, "127.0.0.1", () => console.log(OURS));

const HOST_PAGE = `<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>某公司员工之家</title><link rel="stylesheet" href="/host.css"><header>员工之家</header><main><h1>本周食堂菜单</h1>
<p>周一 红烧肉 清炒时蔬</p><p>周二 宫保鸡丁 番茄蛋汤</p><p>周三 鱼香茄子 紫菜汤</p></main>
<xinyi-widget></xinyi-widget><script src="${OURS}/widget.js" defer></script></html>`;
const HOST_STYLE = "body{margin:0;font:16px/1.8 sans-serif;background:#eef2f6;color:#223}header{background:#24507a;color:#fff;padding:14px 24px}main{padding:24px;max-width:720px}";

createServer((request, response) => {
  if (request.url === "/host.css") return response.writeHead(200, { "content-type": "text/css" }).end(HOST_STYLE);
  // As strict as a host is likely to be.
  const policy = `default-src 'self'; script-src 'self' ${OURS}; style-src 'self'; frame-src ${OURS}`;
  response.writeHead(200, { "content-type": "text/html; charset=utf-8", "content-security-policy": policy }).end(HOST_PAGE);
}).listen(PORT + 1, "localhost", () => console.log(HOST));
