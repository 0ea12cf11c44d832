/** What a worker may see and settle of their own record: who looked at it, and whom to call when a life is in danger. */
import { callMe, type Place } from "./session";

export type Visit = { at: string; who: string; why: string };
export type Contact = { name: string; relation: string; phone: string };

const CONTACT = "/api/me/emergency-contact";

async function contactOf(answer: Promise<Response>): Promise<Contact | null> {
  return ((await (await answer).json()) as { contact: Contact | null }).contact;
}

/** Looks of one kind within an hour, with how many there were; `at` is the newest. */
export type Visits = Visit & { count: number };

const NEAR_MS = 3_600_000;

export function groupVisits(visits: Visit[]): Visits[] {
  const groups: Visits[] = [];
  for (const visit of visits) {
    const last = groups.at(-1);
    const isNear = last?.who === visit.who && last.why === visit.why && Date.parse(last.at) - Date.parse(visit.at) < NEAR_MS;
    if (isNear) last.count += 1;
    else groups.push({ ...visit, count: 1 });
  }
  return groups;
}

/** Newest first. */
export async function loadVisits(place: Place): Promise<Visit[]> {
  return ((await (await callMe(place, "/api/me/visits", "GET")).json()) as { visits: Visit[] }).visits;
}

export function loadContact(place: Place): Promise<Contact | null> {
  return contactOf(callMe(place, CONTACT, "GET"));
}

/** Rejects with the gateway's sentence where a field does not fit. */
export function keepContact(place: Place, contact: Contact): Promise<Contact | null> {
  return contactOf(callMe(place, CONTACT, "PUT", contact));
}

export function removeContact(place: Place): Promise<Contact | null> {
  return contactOf(callMe(place, CONTACT, "DELETE"));
}
