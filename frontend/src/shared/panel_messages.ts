/** What the frame and the host page's element say to each other: signals and one number, never text. */

export type FrameSignal =
  | { xinyi: "ready" }
  | { xinyi: "unread"; count: number }
  | { xinyi: "close" }
  | { xinyi: "leave" };

export type HostSignal = { xinyi: "shown" } | { xinyi: "hidden" };

function kindOf(data: unknown): unknown {
  return typeof data === "object" && data !== null ? (data as { xinyi?: unknown }).xinyi : null;
}

export function asFrameSignal(data: unknown): FrameSignal | null {
  const kind = kindOf(data);
  if (kind === "ready" || kind === "close" || kind === "leave") return { xinyi: kind };
  if (kind !== "unread") return null;
  const count = (data as { count?: unknown }).count;
  if (typeof count !== "number" || !Number.isInteger(count) || count < 0) return null;
  return { xinyi: "unread", count };
}

export function asHostSignal(data: unknown): HostSignal | null {
  const kind = kindOf(data);
  return kind === "shown" || kind === "hidden" ? { xinyi: kind } : null;
}

/** The address of the frame, with the host's origin in the fragment, which no server ever sees. */
export function frameAddress(ourOrigin: string, hostOrigin: string): string {
  return `${ourOrigin}/embed#host=${encodeURIComponent(hostOrigin)}`;
}

/** The host's origin from the fragment; null unless it is a plain http(s) origin. */
export function hostOriginFrom(fragment: string): string | null {
  const value = new URLSearchParams(fragment.replace(/^#/, "")).get("host");
  if (value === null) return null;
  try {
    const url = new URL(value);
    return /^https?:$/.test(url.protocol) && url.origin === value ? value : null;
  } catch {
    return null;
  }
}
