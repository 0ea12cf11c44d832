/** Saving a text as it is written: after a pause, one call at a time, each made from the digest of the one before. */
import { ApiError, sentence } from "../../staff/api";

export type SaveState = "same" | "waiting" | "saving" | "saved" | "held" | "refused" | "failed" | "conflict";

export interface Saving {
  state: SaveState;
  /** Why it was not taken; empty where it was. */
  problem: string;
  /** The refusal's details where somebody else wrote the same text meanwhile. */
  conflict: Readonly<Record<string, unknown>> | null;
}

export const PAUSE_MS = 900;
const AGAIN_MS = 8000;

type Put = (text: string, digest: string) => Promise<string>;
type Wait = (act: () => void, ms: number) => () => void;

const waitInTime: Wait = (act, ms) => {
  const timer = setTimeout(act, ms);
  return () => clearTimeout(timer);
};

/** `put` gives the digest of what it wrote; `tell` hears of every change of state. */
export class Saver {
  private pending: string | null = null;
  private flight: Promise<void> | null = null;
  private stop: () => void = () => undefined;
  private isStuck = false;
  private isHeld = false;

  constructor(
    private digest: string,
    private readonly put: Put,
    private readonly tell: (saving: Saving) => void,
    private readonly wait: Wait = waitInTime,
  ) {}

  get isUnsaved(): boolean {
    return this.pending !== null || this.flight !== null || this.isHeld;
  }

  /** The text as it shall be, written after a pause of typing. */
  want(text: string): void {
    this.pending = text;
    this.isHeld = false;
    if (this.isStuck) return;
    this.say("waiting");
    this.schedule(PAUSE_MS);
  }

  /** Writes what waits at once; settles when all of it is written or refused. */
  async flush(): Promise<void> {
    this.stop();
    if (this.flight !== null) await this.flight;
    if (this.pending === null || this.isStuck || this.isHeld) return;
    this.flight = this.send(this.pending);
    await this.flight;
  }

  /** What stands there can't be saved as it is: what waits is not written, and nothing counts as saved until the next `want`. */
  hold(): void {
    this.stop();
    this.isHeld = true;
    if (!this.isStuck) this.say("held");
  }

  /** Goes on from another text than the one that was read, which has this digest; after a conflict. */
  goOnFrom(digest: string): void {
    this.digest = digest;
    this.isStuck = false;
  }

  private schedule(ms: number): void {
    this.stop();
    this.stop = this.wait(() => void this.flush(), ms);
  }

  private say(state: SaveState, problem = "", conflict: Saving["conflict"] = null): void {
    this.tell({ state, problem, conflict });
  }

  private async send(text: string): Promise<void> {
    this.say("saving");
    try {
      this.digest = await this.put(text, this.digest);
      if (this.pending === text) this.pending = null;
      this.flight = null;
      if (this.isHeld) this.say("held");
      else if (this.pending === null) this.say("saved");
      else this.want(this.pending);
    } catch (error) {
      this.flight = null;
      this.refuse(error);
    }
  }

  private refuse(error: unknown): void {
    const isRefusal = error instanceof ApiError && error.status >= 400 && error.status < 500;
    if (error instanceof ApiError && error.code === "edited_meanwhile") {
      this.isStuck = true;
      this.say("conflict", error.message, error.details);
    } else if (isRefusal) {
      this.say("refused", sentence(error));
    } else {
      this.say("failed", sentence(error));
      this.schedule(AGAIN_MS);
    }
  }
}
