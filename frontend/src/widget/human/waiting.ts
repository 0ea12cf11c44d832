/** What is true of a wait, in words, and the numbers that go with it. */
import { hotlines } from "virtual:hotlines";
import { countryOf, localNumbers } from "../../shared/countries";
import { dayLabel, isSameDay, timeLabel } from "../../shared/days";
import { hoursLine, inCallingOrder, isAbroad } from "../../shared/hotlines";
import type { HotlineCardLine, WaitingCard } from "../../shared/protocol";

const DAY_MS = 86_400_000;
const FIRE = "119";

export function isDanger(card: WaitingCard): boolean {
  return card.level === "high" || card.level === "imminent";
}

/** Since when, and how many came first then. In danger no row of people: it would sound as if somebody were reading. */
export function sinceWords(card: WaitingCard, at: Date): string {
  const ahead = card.on_duty && !isDanger(card) && card.place > 1 ? `，前面 ${card.place - 1} 人` : "";
  return `${timeLabel(at)} 排上${ahead}`;
}

/** When somebody is on duty again; a 明天 in the bubble is only true on the day it was said. */
export function dutyWords(card: WaitingCard, now: Date): string | null {
  return card.on_duty || card.next_at === null ? null : `${whenWords(new Date(card.next_at), now)} 有咨询师值班`;
}

function whenWords(at: Date, now: Date): string {
  const day = isSameDay(at, new Date(now.getTime() + DAY_MS)) ? "明天" : dayLabel(at, now);
  return `${day} ${timeLabel(at)}`;
}

/** In danger emergency numbers first, where the reader is; then whom to talk to meanwhile. Unverified ones never. */
export function callsFor(card: WaitingCard, timezone: string, now: Date): HotlineCardLine[] {
  if (isAbroad(timezone)) {
    const country = isDanger(card) ? countryOf(timezone) : null;
    const urgent = [...localNumbers(country)].filter(([, names]) => names.join() !== "火警");
    return urgent.map(([number, names]) => ({ number, name: names.join("、"), hours: "当地号码" }));
  }
  const home = inCallingOrder(hotlines, now).filter((line) => line.abroad.length === 0);
  const urgent = isDanger(card) ? home.filter((line) => line.kind === "emergency" && line.number !== FIRE) : [];
  const talk = home.filter((line) => line.kind === "crisis" || line.kind === "psychological").slice(0, 1);
  return [...urgent, ...talk].map((line) => ({ number: line.number, name: line.name, hours: hoursLine(line, now) }));
}
