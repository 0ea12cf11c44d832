/** What a counsellor has half written or not yet got through, kept per case through a reload of the tab; never a word of a worker. */

import type { SayFrame } from "./protocol";

const KEY = "xinyi.console.drafts";

interface Kept {
  account: string;
  drafts: Record<number, string>;
  tabs: number[];
  unsent: SayFrame[];
}

/** The half-written texts and open tabs of one account in this browser tab; another account finds nothing. */
export class Drafts {
  private kept: Kept;

  constructor(
    account: string,
    private readonly storage: Pick<Storage, "getItem" | "setItem">,
  ) {
    this.kept = read(storage, account) ?? { account, drafts: {}, tabs: [], unsent: [] };
  }

  of(caseId: number): string {
    return this.kept.drafts[caseId] ?? "";
  }

  put(caseId: number, text: string): void {
    const others = Object.entries(this.kept.drafts).filter(([id]) => id !== String(caseId));
    this.kept.drafts = Object.fromEntries(text === "" ? others : [...others, [caseId, text]]);
    this.write();
  }

  get tabs(): number[] {
    return this.kept.tabs;
  }

  set tabs(ids: number[]) {
    this.kept.tabs = [...ids];
    this.write();
  }

  get unsent(): SayFrame[] {
    return this.kept.unsent;
  }

  /** On its way: sent again after a reload, which is harmless. */
  sending(frame: SayFrame): void {
    this.kept.unsent = [...this.kept.unsent, frame];
    this.write();
  }

  sent(externalId: string): void {
    this.kept.unsent = this.kept.unsent.filter((frame) => frame.external_id !== externalId);
    this.write();
  }

  private write(): void {
    try {
      this.storage.setItem(KEY, JSON.stringify(this.kept));
    } catch {
      // Storage full or switched off: drafts live as long as the page does.
    }
  }
}

function read(storage: Pick<Storage, "getItem">, account: string): Kept | null {
  try {
    const kept = JSON.parse(storage.getItem(KEY) ?? "null") as Kept | null;
    return kept?.account === account ? kept : null;
  } catch {
    return null;
  }
}
