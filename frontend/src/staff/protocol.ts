/** Who signs in at a page of the staff: the fields of docs/console.md that console and studio share. */

export type Role = "counsellor" | "supervisor" | "trainer" | "clinician" | "admin";
export type Level = "none" | "watch" | "high" | "imminent";

export interface Me {
  id: string;
  name: string;
  shown_name: string;
  role: Role;
  is_available: boolean;
  capacity: number;
}

export interface StaffSession {
  id: string;
  created_at: string;
  used_at: string;
  is_this: boolean;
}

/** Answer to `GET /api/console/me`; the words are those of the server, code to Chinese. */
export interface SignedIn {
  me: Me;
  sessions: StaffSession[];
  reasons: Record<string, string>;
  outcomes: Record<string, string>;
  levels: Record<string, string>;
}
