/** One socket to the gateway, opened again as long as that makes sense. */
import { waitBefore } from "./backoff";
import {
  CLOSE_NOT_SIGNED_IN,
  CLOSE_OVERLOADED,
  CLOSE_REPLACED,
  CLOSE_WRONG_ORIGIN,
  type GatewayFrame,
  type PageFrame,
} from "./protocol";

export type ConnectionState = "connecting" | "online" | "retrying" | "busy" | "replaced" | "refused" | "closed";

export interface SocketLike {
  readyState: number;
  onopen: ((event: Event) => void) | null;
  onmessage: ((event: MessageEvent) => void) | null;
  onclose: ((event: CloseEvent) => void) | null;
  send(data: string): void;
  close(code?: number): void;
}

/** Both protocols, the worker's and the console's, begin with `hello` and `welcome` and keep awake with `ping`. */
interface Frame {
  type: string;
}

export interface ConnectionParts<Sent extends Frame = PageFrame, Heard extends Frame = GatewayFrame> {
  open: () => SocketLike;
  /** The first frame; may fetch a session first, and rejects when it cannot. */
  hello: () => Promise<Sent>;
  parse: (data: unknown) => Heard | null;
  onFrame: (frame: Heard) => void;
  onState: (state: ConnectionState) => void;
  /** The session is no longer known: forget it, so that the next hello starts a new one, or stop the connection. */
  onSignedOut: () => void;
  random?: () => number;
}

const QUIET_MS = 25_000;
const PONG_WAIT_MS = 10_000;
const WELCOME_WAIT_MS = 15_000;
const BUSY_FLOOR_MS = 5_000;
const OPEN = 1;

export class Connection<Sent extends Frame = PageFrame, Heard extends Frame = GatewayFrame> {
  private socket: SocketLike | null = null;
  private attempt = 0;
  private signedOutInARow = 0;
  private isWelcomed = false;
  /** Grows with every attempt; what an older attempt still has to say is not heard. */
  private generation = 0;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private quietTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly parts: ConnectionParts<Sent, Heard>) {}

  start(): void {
    this.attempt = 0;
    this.signedOutInARow = 0;
    this.parts.onState("connecting");
    void this.connect();
  }

  /** Ends for good, until `start` is called again. */
  stop(state: ConnectionState = "closed"): void {
    this.drop();
    this.parts.onState(state);
  }

  /** The network or the page came back: do not sit out a long wait, and do not trust a silent socket. */
  wake(): void {
    if (this.isWelcomed) this.probe();
    else if (this.retryTimer !== undefined) void this.connect();
  }

  /** The gateway said that it no longer knows this session. */
  signedOutNow(): void {
    this.closed(CLOSE_NOT_SIGNED_IN);
  }

  /** False when there is no greeted socket: the caller keeps the message. */
  send(frame: Sent | { type: "ping" }): boolean {
    if (!this.isWelcomed || this.socket?.readyState !== OPEN) return false;
    this.socket.send(JSON.stringify(frame));
    return true;
  }

  private drop(): void {
    this.generation += 1;
    clearTimeout(this.retryTimer);
    clearTimeout(this.quietTimer);
    this.retryTimer = undefined;
    this.isWelcomed = false;
    const socket = this.socket;
    this.socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  private async connect(): Promise<void> {
    this.drop();
    const generation = this.generation;
    this.quietTimer = setTimeout(() => {
      this.closed(0);
    }, WELCOME_WAIT_MS);
    let hello: Sent;
    try {
      hello = await this.parts.hello();
      if (generation !== this.generation) return;
      this.socket = this.parts.open();
    } catch {
      if (generation === this.generation) this.closed(0);
      return;
    }
    const socket = this.socket;
    socket.onopen = () => {
      socket.send(JSON.stringify(hello));
    };
    socket.onmessage = (event) => {
      this.heard(event.data);
    };
    socket.onclose = (event) => {
      this.closed(event.code);
    };
  }

  private heard(data: unknown): void {
    const frame = this.parts.parse(data);
    if (frame?.type === "welcome") {
      this.isWelcomed = true;
      this.attempt = 0;
      this.signedOutInARow = 0;
      this.parts.onState("online");
    }
    if (this.isWelcomed) this.listen();
    if (frame !== null) this.parts.onFrame(frame);
  }

  private listen(): void {
    clearTimeout(this.quietTimer);
    this.quietTimer = setTimeout(() => {
      this.probe();
    }, QUIET_MS);
  }

  private probe(): void {
    clearTimeout(this.quietTimer);
    if (!this.send({ type: "ping" })) {
      this.closed(0);
      return;
    }
    this.quietTimer = setTimeout(() => {
      this.closed(0);
    }, PONG_WAIT_MS);
  }

  private closed(code: number): void {
    this.drop();
    if (code === CLOSE_REPLACED) this.parts.onState("replaced");
    else if (code === CLOSE_WRONG_ORIGIN) this.parts.onState("refused");
    else if (code === CLOSE_NOT_SIGNED_IN) this.signedOut();
    else this.retryLater(code === CLOSE_OVERLOADED ? "busy" : "retrying");
  }

  private signedOut(): void {
    this.signedOutInARow += 1;
    const { generation } = this;
    this.parts.onSignedOut();
    if (generation !== this.generation) return;
    if (this.signedOutInARow > 3) this.parts.onState("refused");
    else this.retryLater("retrying");
  }

  private retryLater(state: "retrying" | "busy"): void {
    this.parts.onState(state);
    const random = this.parts.random ?? Math.random;
    const wait = waitBefore(this.attempt, random, state === "busy" ? BUSY_FLOOR_MS : undefined);
    this.attempt += 1;
    this.retryTimer = setTimeout(() => {
      void this.connect();
    }, wait);
  }
}
