/** The desk of the counsellor who is signed in: queue, open cases, connection; everything the components show. */
import { computed, reactive } from "vue";
import type { ConnectionState, SocketLike } from "../shared/connection";
import { newExternalId } from "../shared/external_id";
import { AlertMemory, alerts, seen, tell } from "./alerts";
import { api } from "./api";
import { ApiError, query, sentence } from "../staff/api";
import {
  type Case, lastEvent, markDelivered, newCase, type Outgoing, storedNow, takeBubbles,
} from "./case";
import { filtered, inOrder, type QueueFilter, RowAges } from "./clocks";
import { Drafts } from "./drafts";
import { Feed } from "./feed";
import type { Brief, Bubble, GatewayFrame, Row } from "./protocol";
import { me, session, sessionEnded } from "../staff/session";
import { tone } from "./sound";
import { nameWord } from "./words";

export interface Offer {
  caseId: number;
  until: string;
}

interface DeskState {
  connection: ConnectionState;
  rows: Map<number, Row>;
  hasQueue: boolean;
  /** The gateway's clock minus this computer's, in milliseconds. */
  offsetMs: number;
  nowMs: number;
  filter: QueueFilter;
  tabs: number[];
  cases: Map<number, Case>;
  current: number | null;
  offer: Offer | null;
  problem: string | null;
}

export const desk: DeskState = reactive<DeskState>({
  connection: "closed", rows: new Map(), hasQueue: false, offsetMs: 0, nowMs: Date.now(), filter: "all",
  tabs: [], cases: new Map(), current: null, offer: null, problem: null,
});

export const allRows = computed(() => inOrder(desk.rows.values()));
export const shownRows = computed(() => filtered(allRows.value, desk.filter, me().id));
export const currentCase = computed(() => (desk.current === null ? null : (desk.cases.get(desk.current) ?? null)));

let owner: string | null = null;
let drafts = new Drafts("", sessionStorage);
let memory = new AlertMemory("", sessionStorage);
let openPlace: (caseId: number) => void = () => undefined;
const ages = new RowAges();

const feed = new Feed({
  open: () => new WebSocket(`${location.origin.replace(/^http/, "ws")}/console/ws`) as SocketLike,
  onFrame,
  onState(next) {
    desk.connection = next;
    if (next !== "online") for (const one of desk.cases.values()) one.isWorkerTyping = false;
  },
  onEnded: sessionEnded,
});

setInterval(() => {
  desk.nowMs = Date.now() + desk.offsetMs;
  if (desk.offer !== null && Date.parse(desk.offer.until) <= desk.nowMs) desk.offer = null;
}, 1000);

/** Begins for the account that signed in now: what the same one left is still there, another's is not. */
export function startDesk(open: (caseId: number) => void): void {
  openPlace = open;
  if (owner !== me().id) forgetAll();
  owner = me().id;
  drafts = new Drafts(owner, sessionStorage);
  memory = new AlertMemory(owner, sessionStorage);
  desk.tabs = [...drafts.tabs];
  for (const frame of drafts.unsent) feed.say(frame);
  feed.start(memory.after);
  for (const one of desk.cases.values()) if (one.brief === null) void loadCase(one);
}

function forgetAll(): void {
  feed.startOver();
  ages.clear();
  alerts.lines = [];
  Object.assign(desk, { rows: new Map(), cases: new Map(), tabs: [], current: null, offer: null, hasQueue: false });
}

export function stopDesk(): void {
  feed.stop();
  desk.offer = null;
}

export const wake = (): void => {
  if (session.signed !== null) feed.wake();
};
export const restartFeed = (): void => {
  feed.restart();
};

export function draftOf(caseId: number): string {
  return drafts.of(caseId);
}

export function keepDraft(caseId: number, text: string): void {
  drafts.put(caseId, text);
}

function setClock(now: string): void {
  desk.offsetMs = Date.parse(now) - Date.now();
  desk.nowMs = Date.parse(now);
}

/** Takes a row from a frame (with its event) or from the answer to one's own deed (without). */
export function takeRow(row: Row, event: number | null = null): void {
  if (!ages.isNews(row.id, event)) return;
  const one = desk.cases.get(row.id);
  if (one !== undefined) {
    const old = one.row;
    // A row that is gone says nothing but that: the page keeps what it knew.
    one.row = row.status === "gone" && old !== null ? { ...old, status: "gone" } : row;
    const isOther = old?.status !== row.status || old.level !== row.level || old.accepted_by !== row.accepted_by;
    if (isOther && row.status !== "gone") void loadBrief(one);
    // The last bubbles are written with the close, when the gateway no longer tells of this case.
    if (isOther && row.status === "closed" && old !== null) void fetchBubbles(one, null);
  }
  if (row.status === "waiting" || row.status === "active") desk.rows.set(row.id, row);
  else desk.rows.delete(row.id);
  if (desk.offer?.caseId === row.id && row.offered_to !== me().id) desk.offer = null;
}

function onFrame(frame: GatewayFrame): void {
  if (session.signed === null) return;
  switch (frame.type) {
    case "welcome":
      session.signed = { ...session.signed, me: frame.me };
      break;
    case "queue":
      takeQueue(frame.rows, frame.now, frame.event);
      break;
    case "row":
      setClock(frame.now);
      takeRow(frame.row, frame.event);
      break;
    case "alert":
      if (memory.isNew(frame.event)) tell(frame, whoIs(frame.case_id), () => openPlace(frame.case_id));
      break;
    case "offer":
      if (desk.offer?.caseId !== frame.case_id) tone("offer");
      desk.offer = { caseId: frame.case_id, until: frame.until };
      break;
    case "error":
      refused(frame.message, frame.external_id);
      break;
    case "ended":
    case "pong":
      break;
    default:
      onCaseFrame(frame);
  }
}

function onCaseFrame(frame: Extract<GatewayFrame, { case_id: number }>): void {
  const one = desk.cases.get(frame.case_id);
  if (frame.type === "stored") drafts.sent(frame.external_id);
  if (one === undefined) return;
  if (frame.type === "message") {
    takeBubbles(one, [frame]);
    if (frame.author === "worker") one.isWorkerTyping = false;
    readUpTo(one);
  } else if (frame.type === "delivered") markDelivered(one, frame.message_ids, frame.at);
  else if (frame.type === "seen") one.seenEvent = Math.max(one.seenEvent, frame.event);
  else if (frame.type === "typing") one.isWorkerTyping = frame.active;
  else if (frame.type === "stored") storedNow(one, frame.external_id, frame.id, frame.event, me().shown_name);
}

function takeQueue(rows: readonly Row[], now: string, event: number): void {
  setClock(now);
  const ids = new Set(rows.map((row) => row.id));
  for (const row of [...desk.rows.values()]) if (!ids.has(row.id)) takeRow({ ...row, status: "gone" });
  for (const row of rows) takeRow(row, event);
  desk.hasQueue = true;
}

function refused(message: string, externalId: string | null): void {
  if (externalId === null) {
    desk.problem = message;
    return;
  }
  for (const one of desk.cases.values()) {
    one.outbox = one.outbox.map((item) => (item.external_id === externalId ? { ...item, problem: message } : item));
  }
}

export function whoIs(caseId: number): string {
  const row = desk.rows.get(caseId) ?? desk.cases.get(caseId)?.row;
  return row ? nameWord(row.nickname) : `#${caseId}`;
}

/** Shows a case, loading it the first time; one that is not one's own nor waiting may ask for a reason first. */
export function openCase(id: number): void {
  desk.current = id;
  if (!desk.tabs.includes(id)) {
    desk.tabs = [...desk.tabs, id];
    drafts.tabs = desk.tabs;
  }
  if (!desk.cases.has(id)) {
    desk.cases.set(id, { ...newCase(id, desk.rows.get(id) ?? null), outbox: unsentOf(id) });
    const one = desk.cases.get(id);
    if (one !== undefined) void loadCase(one);
  }
  const one = desk.cases.get(id);
  if (one !== undefined) readUpTo(one);
  seen(id);
}

/** What a reload of the page caught on its way. */
function unsentOf(id: number): Outgoing[] {
  return drafts.unsent
    .filter((frame) => frame.case_id === id)
    .map((frame) => ({ external_id: frame.external_id, text: frame.text, created_at: new Date(desk.nowMs).toISOString(), problem: null }));
}

export function closeTab(id: number): number | null {
  const place = desk.tabs.indexOf(id);
  desk.tabs = desk.tabs.filter((tab) => tab !== id);
  drafts.tabs = desk.tabs;
  dropCase(id);
  return desk.tabs[Math.min(Math.max(place, 0), desk.tabs.length - 1)] ?? null;
}

function dropCase(id: number): void {
  feed.leave(id);
  desk.cases.delete(id);
}

export async function loadCase(one: Case, reason: string | null = one.reason): Promise<void> {
  one.isLoading = true;
  one.problem = null;
  one.reason = reason;
  if (await loadBrief(one)) {
    await loadOlder(one);
    feed.follow(one.id, lastEvent(one));
    readUpTo(one);
  }
  one.isLoading = false;
}

/** Reads the brief anew; false when it is refused. */
export async function loadBrief(one: Case): Promise<boolean> {
  try {
    const brief = await api.get<Brief>(`cases/${one.id}${query({ reason: one.reason })}`);
    one.brief = brief;
    one.row = brief.row;
    one.needsReason = false;
    one.problem = null;
    return true;
  } catch (error) {
    // Another's case is not found for a counsellor, unless there is a reason that the log can bear.
    one.needsReason = error instanceof ApiError && (error.fields.includes("reason") || error.status === 404);
    one.problem = sentence(error);
    return false;
  }
}

/** The hundred bubbles before the oldest one known; the newest hundred when none is known. */
export async function loadOlder(one: Case): Promise<void> {
  const found = await fetchBubbles(one, one.bubbles[0]?.id ?? null);
  if (found !== null) one.hasMore = found;
}

/** Takes a hundred bubbles; gives whether there are older ones, null when they could not be had. */
async function fetchBubbles(one: Case, before: number | null): Promise<boolean | null> {
  try {
    const found = await api.get<{ messages: Bubble[]; has_more: boolean }>(`cases/${one.id}/messages${query({ before })}`);
    takeBubbles(one, found.messages);
    return found.has_more;
  } catch (error) {
    one.problem = sentence(error);
    return null;
  }
}

/** Tells the gateway what was seen, only while the page is looked at. */
export function readUpTo(one: Case): void {
  if (desk.current !== one.id || document.hidden) return;
  const event = lastEvent(one);
  if (event <= one.readEvent) return;
  one.readEvent = event;
  feed.read(one.id, event);
}

export function say(one: Case, text: string): void {
  const externalId = newExternalId();
  const frame = { type: "say" as const, external_id: externalId, case_id: one.id, text };
  const createdAt = new Date(Date.now() + desk.offsetMs).toISOString();
  one.outbox = [...one.outbox, { external_id: externalId, text, created_at: createdAt, problem: null }];
  drafts.sending(frame);
  feed.say(frame);
}

/** Tries a refused bubble once more; the gateway knows it by its id, so nothing is said twice. */
export function sayAgain(one: Case, externalId: string): void {
  const item = one.outbox.find((each) => each.external_id === externalId);
  if (item === undefined) return;
  one.outbox = one.outbox.map((each) => (each === item ? { ...each, problem: null } : each));
  feed.say({ type: "say", external_id: externalId, case_id: one.id, text: item.text });
}

/** Takes back a bubble that was refused, to be written anew. */
export function takeBack(one: Case, externalId: string): string {
  const item = one.outbox.find((each) => each.external_id === externalId);
  one.outbox = one.outbox.filter((each) => each.external_id !== externalId);
  feed.forget(externalId);
  drafts.sent(externalId);
  return item?.text ?? "";
}

export function sayTyping(caseId: number, active: boolean): void {
  feed.typing(caseId, active);
}

export function setAvailable(isAvailable: boolean): void {
  if (session.signed === null || !feed.present(isAvailable)) return;
  session.signed = { ...session.signed, me: { ...me(), is_available: isAvailable } };
}
