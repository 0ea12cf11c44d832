/** Calls of docs/console.md and docs/studio.md: JSON both ways, and every failure as one error with a sentence for the reader. */

/** `fields` names what a form still lacks (422 `incomplete`), `details` is the whole refusal; `status` 0 means that no answer came. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly fields: string[] = [],
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}

const AWAY = "没连上服务器，刚才这一步没有生效。请稍后再试。";
const BROKEN = "服务器这会儿没法处理，请再试一次。";
const ENDED = new Set(["not_signed_in"]);

let whenSignedOut: () => void = () => undefined;

/** Tells what to do when the gateway no longer knows our session; a refused sign-in itself does not count. */
export function onSignedOut(act: () => void): void {
  whenSignedOut = act;
}

interface ErrorBody {
  error?: { code?: string; message?: string; fields?: string[] } & Record<string, unknown>;
}

async function readBody(response: Response): Promise<unknown> {
  const text = await response.text();
  return text === "" ? null : (JSON.parse(text) as unknown);
}

async function call<T>(method: string, address: string, body?: unknown): Promise<T> {
  let response: Response;
  let found: unknown;
  try {
    response = await fetch(address, {
      method,
      credentials: "same-origin",
      cache: "no-store",
      ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    found = await readBody(response).catch(() => null);
  } catch {
    throw new ApiError(0, "away", AWAY);
  }
  if (response.ok) return found as T;
  const refusal = (found as ErrorBody | null)?.error ?? {};
  const { code = `http_${response.status}`, message = BROKEN, fields = [] } = refusal;
  if (response.status === 401 && ENDED.has(code)) whenSignedOut();
  throw new ApiError(response.status, code, message, fields, refusal);
}

/** The query string of what is not empty, with its `?`. */
export function query(values: Record<string, string | number | null | undefined>): string {
  const kept = Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== "");
  return kept.length === 0 ? "" : `?${new URLSearchParams(kept.map(([key, value]) => [key, String(value)])).toString()}`;
}

export interface Client {
  get: <T>(path: string) => Promise<T>;
  post: <T = unknown>(path: string, body?: unknown) => Promise<T>;
  put: <T = unknown>(path: string, body: unknown) => Promise<T>;
  patch: <T = unknown>(path: string, body: unknown) => Promise<T>;
  remove: <T = unknown>(path: string) => Promise<T>;
}

/** The calls below `prefix` (with its slashes); each throws ApiError. */
export function client(prefix: string): Client {
  return {
    get: (path) => call("GET", prefix + path),
    post: (path, body = {}) => call("POST", prefix + path, body),
    put: (path, body) => call("PUT", prefix + path, body),
    patch: (path, body) => call("PATCH", prefix + path, body),
    remove: (path) => call("DELETE", prefix + path),
  };
}

/** What to tell the reader of any failure. */
export function sentence(error: unknown): string {
  return error instanceof ApiError ? error.message : BROKEN;
}
