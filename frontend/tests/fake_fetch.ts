/** A gateway that answers every call alike; gives the calls it got. */
import { vi } from "vitest";

export function gateway(status: number, body: unknown): [string, RequestInit][] {
  const calls: [string, RequestInit][] = [];
  vi.stubGlobal("fetch", (path: string, init: RequestInit) => {
    calls.push([path, init]);
    return Promise.resolve(new Response(JSON.stringify(body), { status }));
  });
  return calls;
}
