/**
 * A gateway for looking at the studio: speaks docs/studio.md from memory, keeps nothing. node mock/studio.mjs [port]
 * Sign in as wu (trainer), he (clinician), lin (counsellor, who has no business here) with any password but 错; any code but 000000.
 * Each mock/studio_*.mjs exports `answer(method, path, query, body) -> {status, body} | null`; the first that knows a call answers it.
 */
import { randomUUID } from "node:crypto";
import { createReadStream, existsSync, readdirSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { WORDS } from "./console_data.mjs";

const PORT = Number(process.argv[2] ?? 8126);
const OURS = `http://127.0.0.1:${PORT}`;
const STATIC = join(import.meta.dirname, "../../bot/web/static");
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css" };
// Word for word the gateway's (bot/web/middlewares.py).
const POLICY =
  `default-src 'self'; script-src 'self'; style-src 'self'; connect-src 'self' ws://127.0.0.1:${PORT}; img-src 'self' data:; ` +
  "base-uri 'none'; form-action 'self'; object-src 'none'; frame-ancestors 'none'";
const account = (id, name, shown_name, role) => ({ id, name, shown_name, role, is_available: false, capacity: 0 });
const STAFF = {
  wu: account("t1", "wu", "吴老师", "trainer"),
  he: account("t2", "he", "何医生", "clinician"),
  lin: account("a1", "lin", "林医生", "counsellor"),
};

const sessions = new Map();
const parts = await Promise.all(
  readdirSync(import.meta.dirname).filter((name) => /^studio_\w+\.mjs$/.test(name)).map((name) => import(`./${name}`)),
);
const answers = parts.filter((part) => typeof part.answer === "function");

const refusal = (status, code, message) => ({ status, body: { error: { code, message } } });
const tokenOf = (request) => /xinyi_staff=([\w-]+)/.exec(request.headers.cookie ?? "")?.[1];
const cookie = (token) => ({ "set-cookie": `xinyi_staff=${token}; HttpOnly; SameSite=Strict; Path=/` });

function signIn(path, body, request) {
  const token = randomUUID();
  if (path === "sign-in") {
    const me = STAFF[body.name];
    if (!me || body.password === "错") return refusal(401, "sign_in_refused", "账号或密码不对。");
    sessions.set(token, { me, isConfirmed: false });
    return { status: 200, body: { next: "totp" }, headers: cookie(token) };
  }
  const found = sessions.get(tokenOf(request));
  if (!found || body.code === "000000") return refusal(401, "sign_in_refused", "动态码不对，等下一个再试。");
  sessions.set(token, { ...found, isConfirmed: true });
  return { status: 200, body: { me: found.me }, headers: cookie(token) };
}

function onConsole(path, body, request) {
  if (path === "sign-in" || path === "totp") return signIn(path, body, request);
  const session = sessions.get(tokenOf(request));
  if (!session?.isConfirmed) return refusal(401, "not_signed_in", "请先登录。");
  if (path === "sign-out") {
    sessions.delete(tokenOf(request));
    return { status: 204, body: null };
  }
  return path === "me" ? { status: 200, body: { me: session.me, sessions: [], ...WORDS } } : refusal(404, "not_found", "没有这个页面。");
}

function onStudio(method, path, query, body, request) {
  const session = sessions.get(tokenOf(request));
  if (!session?.isConfirmed) return refusal(401, "not_signed_in", "请先登录。");
  if (session.me.role === "counsellor") return refusal(403, "forbidden", "这一页只给训练师和临床审核看。");
  for (const part of answers) {
    const found = part.answer(method, path, query, body, session.me);
    if (found !== null && found !== undefined) return found;
  }
  return refusal(404, "not_found", "没有这个页面。");
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
  if (url.pathname === "/studio") return sendFile(response, "studio/index.html", { "content-security-policy": POLICY });
  if (url.pathname.startsWith("/static/")) return sendFile(response, url.pathname.slice("/static/".length));
  const body = await read(request);
  const found = url.pathname.startsWith("/api/studio/")
    ? onStudio(request.method, url.pathname.slice("/api/studio/".length), url.searchParams, body, request)
    : onConsole(url.pathname.slice("/api/console/".length), body, request);
  response
    .writeHead(found.status, { "content-type": "application/json; charset=utf-8", ...(found.headers ?? {}) })
    .end(found.body === null ? undefined : JSON.stringify(found.body));
});
server.listen(PORT, "127.0.0.1", () => console.log(`${OURS}/studio`));
