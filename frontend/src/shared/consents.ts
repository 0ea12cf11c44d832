/** The worker's consents: reading the switches and moving one. */
import { callMe, type Place } from "./session";

export type Consent = { kind: string; title: string; text: string; can_grant: boolean; granted_at: string | null };
export type Consents = { version: string; consents: Consent[] };

const PATH = "/api/me/consents";

export async function loadConsents(place: Place): Promise<Consents> {
  return (await callMe(place, PATH, "GET")).json() as Promise<Consents>;
}

/** Agrees to the text of `version`, or takes the consent back; gives all switches as they stand then. */
export async function putConsent(place: Place, kind: string, granted: boolean, version: string): Promise<Consents> {
  return (await callMe(place, PATH, "PUT", { kind, granted, version })).json() as Promise<Consents>;
}

/** The switches worth showing: one that is only switched on elsewhere appears once it is on. */
export function shownConsents(all: Consents): Consent[] {
  return all.consents.filter((each) => each.can_grant || each.granted_at !== null);
}
