/** The console's socket: what is said there, and how a page that was away catches up without losing or doubling anything. */
import { Connection, type ConnectionState, type SocketLike } from "../shared/connection";
import { type GatewayFrame, type PageFrame, parseFrame, PROTOCOL, type SayFrame } from "./protocol";

export interface FeedParts {
  open: () => SocketLike;
  onFrame: (frame: GatewayFrame) => void;
  onState: (state: ConnectionState) => void;
  /** The session is over: sign in again. */
  onEnded: () => void;
  random?: () => number;
}

/** Not worth keeping: the gateway will refuse the same words again. */
const FINAL_ERRORS = new Set(["bad_field", "empty", "too_long", "forbidden", "not_found", "illegal_transition"]);

export class Feed {
  private readonly connection: Connection<PageFrame, GatewayFrame>;
  private readonly followed = new Map<number, number>();
  private readonly unsent = new Map<string, SayFrame>();
  /** The highest event of a change that was heard; the queue's own event is left out, since alerts may follow it. */
  after = 0;

  constructor(private readonly parts: FeedParts) {
    this.connection = new Connection<PageFrame, GatewayFrame>({
      open: parts.open,
      hello: () => Promise.resolve({ type: "hello", protocol: PROTOCOL, after: this.after }),
      parse: parseFrame,
      onFrame: (frame) => {
        this.heard(frame);
      },
      onState: parts.onState,
      onSignedOut: () => {
        this.ended();
      },
      ...(parts.random === undefined ? {} : { random: parts.random }),
    });
  }

  start(after: number): void {
    this.after = Math.max(this.after, after);
    this.connection.start();
  }

  stop(): void {
    this.connection.stop();
  }

  /** Another account: nothing of the last one is followed or sent. */
  startOver(): void {
    this.followed.clear();
    this.unsent.clear();
    this.after = 0;
  }

  wake(): void {
    this.connection.wake();
  }

  /** Begins a stopped feed anew, as after `replaced`. */
  restart(): void {
    this.connection.start();
  }

  /** Follows a case from the bubble after `after` on, through every reconnect. */
  follow(caseId: number, after: number): void {
    this.followed.set(caseId, Math.max(after, this.followed.get(caseId) ?? 0));
    this.connection.send({ type: "open", case_id: caseId, after: this.followed.get(caseId) ?? after });
  }

  leave(caseId: number): void {
    if (this.followed.delete(caseId)) this.connection.send({ type: "leave", case_id: caseId });
  }

  /** Keeps a bubble until the gateway has it; sending it again is harmless. */
  say(frame: SayFrame): void {
    this.unsent.set(frame.external_id, frame);
    this.connection.send(frame);
  }

  /** The counsellor took a refused bubble back. */
  forget(externalId: string): void {
    this.unsent.delete(externalId);
  }

  typing(caseId: number, active: boolean): void {
    this.connection.send({ type: "typing", case_id: caseId, active });
  }

  read(caseId: number, event: number): void {
    this.connection.send({ type: "read", case_id: caseId, event });
  }

  /** False when nobody heard it: the caller shows the old state. */
  present(isAvailable: boolean): boolean {
    return this.connection.send({ type: "present", is_available: isAvailable });
  }

  private heard(frame: GatewayFrame): void {
    if (frame.type === "ended") {
      this.ended();
      return;
    }
    if (frame.type === "welcome") this.catchUp();
    if (frame.type === "row" || frame.type === "alert") this.after = Math.max(this.after, frame.event);
    if (frame.type === "message") this.heardBubble(frame.case_id, frame.event);
    if (frame.type === "stored") this.unsent.delete(frame.external_id);
    if (frame.type === "error" && frame.external_id !== null && FINAL_ERRORS.has(frame.code)) this.unsent.delete(frame.external_id);
    this.parts.onFrame(frame);
  }

  private heardBubble(caseId: number, event: number): void {
    const known = this.followed.get(caseId);
    if (known !== undefined) this.followed.set(caseId, Math.max(known, event));
  }

  private catchUp(): void {
    for (const [caseId, after] of this.followed) this.connection.send({ type: "open", case_id: caseId, after });
    for (const frame of this.unsent.values()) this.connection.send(frame);
  }

  private ended(): void {
    this.connection.stop();
    this.parts.onEnded();
  }
}
