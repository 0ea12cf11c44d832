/** What a clock of the queue shows at a moment, and which row comes first; pure. */
import type { Row } from "./protocol";

/** early: time enough; soon: the last third; breached: nobody came in time; none: nobody waits. */
export type ClockState = "early" | "soon" | "breached" | "none";

export interface Clock {
  state: ClockState;
  /** Until `due_at`, below zero after it. */
  leftSeconds: number;
  waitedSeconds: number;
}

const secondsBetween = (from: string, toMs: number): number => Math.floor((toMs - Date.parse(from)) / 1000);

/** The clock of one row; `nowMs` is the gateway's time, not this computer's. */
export function clockOf(row: Row, nowMs: number): Clock {
  const waitedSeconds = Math.max(0, secondsBetween(row.requested_at, nowMs));
  const leftSeconds = -secondsBetween(row.due_at, nowMs);
  if (row.status !== "waiting") return { state: "none", leftSeconds, waitedSeconds };
  if (leftSeconds < 0) return { state: "breached", leftSeconds, waitedSeconds };
  const whole = (Date.parse(row.due_at) - Date.parse(row.requested_at)) / 1000;
  return { state: leftSeconds * 3 <= whole ? "soon" : "early", leftSeconds, waitedSeconds };
}

/** `0:45`, `12:03`, `3 小时 05 分`, `2 天`; the sign of the number is not shown. */
export function span(seconds: number): string {
  const whole = Math.abs(Math.trunc(seconds));
  const two = (value: number): string => String(value).padStart(2, "0");
  if (whole < 3600) return `${Math.floor(whole / 60)}:${two(whole % 60)}`;
  if (whole < 48 * 3600) return `${Math.floor(whole / 3600)} 小时 ${two(Math.floor((whole % 3600) / 60))} 分`;
  return `${Math.floor(whole / 86_400)} 天`;
}

/** The worker's last word is newer than the counsellor's: somebody waits for an answer. Seconds since, or null. */
export function unansweredSeconds(row: Row, nowMs: number): number | null {
  if (row.status !== "active" || row.worker_at === null) return null;
  const answered = row.counsellor_at ?? row.accepted_at;
  if (answered !== null && Date.parse(answered) >= Date.parse(row.worker_at)) return null;
  return Math.max(0, secondsBetween(row.worker_at, nowMs));
}

/** Who waits for somebody first, then who is talked with, then what is only to be read; in each by rank, then the longest waiting; ids break ties. */
export function inOrder(rows: Iterable<Row>): Row[] {
  const place = (row: Row): number => (row.status !== "waiting" ? 1 : row.is_live ? 0 : 2);
  return [...rows].sort(
    (a, b) =>
      place(a) - place(b) ||
      a.rank - b.rank ||
      Date.parse(a.requested_at) - Date.parse(b.requested_at) ||
      a.id - b.id,
  );
}

export type QueueFilter = "mine" | "waiting" | "all";

/** Rows that a filter lets through; a case pushed to me counts as mine. */
export function filtered(rows: Row[], filter: QueueFilter, myId: string): Row[] {
  if (filter === "waiting") return rows.filter((row) => row.status === "waiting");
  if (filter === "mine") return rows.filter((row) => row.accepted_by === myId || row.offered_to === myId);
  return rows;
}

/** By which event each row is known: what is older and comes late changes nothing. */
export class RowAges {
  private readonly events = new Map<number, number>();

  /** True when this is not older than what is known; an answer to one's own deed carries no event and always counts. */
  isNews(id: number, event: number | null): boolean {
    if (event === null) return true;
    if (event < (this.events.get(id) ?? 0)) return false;
    this.events.set(id, event);
    return true;
  }

  clear(): void {
    this.events.clear();
  }
}
