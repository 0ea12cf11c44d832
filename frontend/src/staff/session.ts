/** Who is signed in, and the words that came with it. */
import { shallowReactive } from "vue";
import { ApiError, client } from "./api";
import type { Me, SignedIn } from "./protocol";

/** Who is who is asked of the console's calls, by every page of the staff. */
export const accounts = client("/api/console/");

interface Session {
  signed: SignedIn | null;
  /** The session ended under the reader's hands: the sign-in says so, drafts stay. */
  hasEnded: boolean;
  /** The gateway did not answer at all when the page was opened. */
  isAway: boolean;
  /** A one-time password must be replaced before anything else. */
  isPasswordDue: boolean;
  /** Who was here when the session ended, to be offered at the next sign-in. */
  lastName: string;
}

export const session: Session = shallowReactive({ signed: null, hasEnded: false, isAway: false, isPasswordDue: false, lastName: "" });

/** The account of this page; only for parts that are shown to somebody signed in. */
export function me(): Me {
  if (session.signed === null) throw new Error("nobody is signed in");
  return session.signed.me;
}

/** Asks whether the cookie still signs somebody in; leaves `signed` null when it does not. */
export async function resume(): Promise<void> {
  try {
    const signed = await accounts.get<SignedIn>("me");
    Object.assign(session, { signed, hasEnded: false, isAway: false, isPasswordDue: false });
  } catch (error) {
    const failure = error instanceof ApiError ? error : null;
    session.isPasswordDue = failure?.code === "password_due";
    session.isAway = failure?.status !== 401 && !session.isPasswordDue;
  }
}

export function sessionEnded(): void {
  if (session.signed === null) return;
  session.hasEnded = true;
  session.lastName = session.signed.me.name;
  session.signed = null;
}

/** Leaves by one's own wish; also when the gateway can't be told, the page forgets who was here. */
export async function signOut(): Promise<void> {
  await accounts.post("sign-out").catch(() => null);
  Object.assign(session, { signed: null, hasEnded: false, isPasswordDue: false, lastName: "" });
}
