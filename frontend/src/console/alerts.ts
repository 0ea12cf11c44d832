/** Alerts reach a person once: sound, the tab's title, a desktop notification, the list; never a word of a worker in them. */
import { shallowReactive } from "vue";
import type { AlertFrame, Level } from "./protocol";
import { tone } from "./sound";
import { reasonWord } from "./words";
import { levelWord } from "../staff/words";

const KEY = "xinyi.console.alerts";
const KEPT = 300;
const LISTED = 50;

interface Told {
  account: string;
  after: number;
  events: number[];
}

/** Remembers through a reload which alerts this account was told and up to which event. */
export class AlertMemory {
  private told: Told;

  constructor(
    account: string,
    private readonly storage: Pick<Storage, "getItem" | "setItem">,
  ) {
    this.told = read(storage, account) ?? { account, after: 0, events: [] };
  }

  get after(): number {
    return this.told.after;
  }

  /** True the first time that this event is seen. */
  isNew(event: number): boolean {
    if (this.told.events.includes(event)) return false;
    this.told = { ...this.told, after: Math.max(this.told.after, event), events: [...this.told.events, event].slice(-KEPT) };
    try {
      this.storage.setItem(KEY, JSON.stringify(this.told));
    } catch {
      // Storage full or switched off: remembered as long as the page lives.
    }
    return true;
  }
}

function read(storage: Pick<Storage, "getItem">, account: string): Told | null {
  try {
    const told = JSON.parse(storage.getItem(KEY) ?? "null") as Told | null;
    return told?.account === account ? told : null;
  } catch {
    return null;
  }
}

export interface AlertLine {
  event: number;
  caseId: number;
  level: Level;
  text: string;
  createdAt: string;
  isSeen: boolean;
}

export const alerts: { lines: AlertLine[]; spoken: string } = shallowReactive({ lines: [], spoken: "" });

const TIERS = ["", "已超时限", "再次超时", "多次超时"];

/** What an alert says; `who` names the case by nickname or number. */
export function alertText(frame: AlertFrame, who: string): string {
  const tier = TIERS[Math.min(frame.tier, TIERS.length - 1)] ?? "";
  return [levelWord(frame.level), who, reasonWord(frame.reason), tier].filter(Boolean).join(" · ");
}

/** Tells of an alert in every way that this browser allows. */
export function tell(frame: AlertFrame, who: string, onOpen: () => void): void {
  const text = alertText(frame, who);
  const line = { event: frame.event, caseId: frame.case_id, level: frame.level, text, createdAt: frame.created_at, isSeen: false };
  alerts.lines = [line, ...alerts.lines].slice(0, LISTED);
  alerts.spoken = `新提醒：${text}`;
  tone(frame.level === "imminent" || frame.tier > 0 ? "urgent" : "plain");
  notify(`心驿 · ${levelWord(frame.level)}`, [reasonWord(frame.reason), TIERS[Math.min(frame.tier, 3)]].filter(Boolean).join(" · "), String(frame.event), onOpen);
}

export function notify(title: string, body: string, tag: string, onOpen: () => void): void {
  if (!("Notification" in window) || Notification.permission !== "granted" || document.hasFocus()) return;
  const shown = new Notification(title, { body, tag, requireInteraction: true });
  shown.onclick = () => {
    window.focus();
    onOpen();
    shown.close();
  };
}

export function seen(caseId: number | null): void {
  alerts.lines = alerts.lines.map((line) => (caseId === null || line.caseId === caseId ? { ...line, isSeen: true } : line));
}
