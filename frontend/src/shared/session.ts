/** The worker's session: a cookie on our own page, a token of the tab in a frame, and the calls that use it. */

export type Place = "page" | "frame";

const KEY = "xinyi.token";
let memory: string | null = null;

function stored(): string | null {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null; // A browser that blocks storage in frames: the token lives as long as the page.
  }
}

export function forgetToken(): void {
  memory = null;
  try {
    sessionStorage.removeItem(KEY);
  } catch {
    // Nothing was stored.
  }
}

/** The frame's token, asked for once a tab; rejects when the gateway cannot be reached. */
export async function frameToken(): Promise<string> {
  memory ??= stored();
  if (memory !== null) return memory;
  const answer = await fetch("/api/session", { method: "POST", credentials: "same-origin" });
  if (!answer.ok) throw new Error(`session ${answer.status}`);
  const { token } = (await answer.json()) as { token: string };
  memory = token;
  try {
    sessionStorage.setItem(KEY, token);
  } catch {
    // Kept in memory alone.
  }
  return token;
}

/** Our own page gets a new cookie by being asked for again. */
export async function renewCookie(): Promise<void> {
  await fetch("/", { credentials: "same-origin", cache: "no-store" });
}

/** A call for the worker's own record; rejects with the gateway's sentence, or none when it gave none. */
export async function callMe(place: Place, path: string, method: string, body?: object): Promise<Response> {
  const headers: Record<string, string> = {};
  if (place === "frame") headers["Authorization"] = `Bearer ${await frameToken()}`;
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await fetch(path, { method, headers, credentials: "same-origin", cache: "no-store", ...sent });
  if (answer.ok) return answer;
  throw new Error(await plainError(answer));
}

async function plainError(answer: Response): Promise<string> {
  try {
    const body = (await answer.json()) as { error?: { message?: string } };
    return body.error?.message ?? "";
  } catch {
    return "";
  }
}

export async function exportMine(place: Place): Promise<Blob> {
  return (await callMe(place, "/api/me/export", "GET")).blob();
}

export async function eraseMine(place: Place): Promise<void> {
  await callMe(place, "/api/me", "DELETE");
}
