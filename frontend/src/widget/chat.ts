/** Binds the thread, the connection and the page's state together; everything the components show. */
import { computed, type InjectionKey, reactive, watch } from "vue";
import { Connection, type ConnectionState, type SocketLike } from "../shared/connection";
import { newExternalId } from "../shared/external_id";
import { readerTimezone } from "../shared/hotlines";
import {
  type ErrorFrame,
  type GatewayFrame,
  type HelloFrame,
  type MessageFrame,
  type Notice,
  type PageFrame,
  parseFrame,
  PROTOCOL,
  type WelcomeFrame,
} from "../shared/protocol";
import { eraseMine, forgetToken, frameToken, type Place, renewCookie } from "../shared/session";
import { type Choice, Thread } from "../shared/thread";

const TYPING_FADES_MS = 45_000;

export interface ChatState {
  connection: ConnectionState;
  notice: Notice | null;
  isConsentRequired: boolean;
  /** Pressed while the connection was away: said as soon as it is back. */
  isConsentWaiting: boolean;
  nickname: string;
  isTyping: boolean;
  unread: number;
  /** The reader sees the newest message: the page is in front and scrolled down. */
  isAtBottom: boolean;
  isInFront: boolean;
  /** Another view lies over the thread: nothing in it is being read. */
  isCovered: boolean;
  /** A refusal that is about no message in particular. */
  problem: string;
  isErased: boolean;
}

/** Hears a frame before the page does; true when it was theirs. */
export type Listener = (frame: GatewayFrame) => boolean;

export interface Chat {
  place: Place;
  state: ChatState;
  thread: Thread;
  /** Of parts that ask the gateway something of their own. */
  listeners: Set<Listener>;
  start(): void;
  stop(): void;
  wake(): void;
  restart(): void;
  /** False when there is no connection. */
  send(frame: PageFrame): boolean;
  say(text: string): void;
  choose(message: MessageFrame, index: number): void;
  /** Begins a questionnaire, or goes on with it; `words` are what the thread shows. */
  fillIn(questionnaire: string, words: string): void;
  retry(externalId: string): void;
  consent(nickname: string): void;
  erase(): Promise<void>;
}

/** For parts deep in the thread that are fetched. */
export const CHAT: InjectionKey<Chat> = Symbol();

function socketAddress(): string {
  return `${location.origin.replace(/^http/, "ws")}/ws`;
}

export function createChat(place: Place): Chat {
  const thread = reactive(new Thread()) as Thread;
  const state = reactive<ChatState>({
    connection: "connecting",
    notice: null,
    isConsentRequired: false,
    isConsentWaiting: false,
    nickname: "",
    isTyping: false,
    unread: 0,
    isAtBottom: true,
    isInFront: !document.hidden && place === "page",
    isCovered: false,
    problem: "",
    isErased: false,
  });
  let given: { version: string; nickname: string } | null = null;
  let lastRead = 0;
  let isCookieStale = false;
  let typingTimer: ReturnType<typeof setTimeout> | undefined;
  let expiryTimer: ReturnType<typeof setInterval> | undefined;

  const listeners = new Set<Listener>();

  const connection = new Connection<PageFrame, GatewayFrame>({
    open: () => new WebSocket(socketAddress()) as SocketLike,
    hello,
    parse: parseFrame,
    onFrame,
    onState(next) {
      state.connection = next;
      if (next === "online") return;
      thread.disconnected();
      setTyping(false);
    },
    onSignedOut() {
      forgetToken();
      isCookieStale = true;
      thread.startOver();
      given = null;
      lastRead = 0;
      state.unread = 0;
    },
  });

  async function hello(): Promise<HelloFrame> {
    const frame: HelloFrame = { type: "hello", protocol: PROTOCOL, after: 0, timezone: readerTimezone() };
    if (place === "frame") frame.token = await frameToken();
    else if (isCookieStale) await renewCookie();
    isCookieStale = false;
    return { ...frame, after: thread.after };
  }

  function flush(): void {
    thread.flush((frame) => connection.send(frame), Date.now());
  }

  function say(text: string, choice: Choice | null = null): void {
    state.problem = "";
    thread.add(newExternalId(), text, new Date().toISOString(), choice);
    flush();
  }

  function setTyping(isActive: boolean): void {
    clearTimeout(typingTimer);
    state.isTyping = isActive;
    if (isActive) {
      typingTimer = setTimeout(() => {
        state.isTyping = false;
      }, TYPING_FADES_MS);
    }
  }

  function onFrame(frame: GatewayFrame): void {
    if ([...listeners].some((hears) => hears(frame))) return;
    if (frame.type === "welcome") welcomed(frame);
    else if (frame.type === "message") received(frame);
    else if (frame.type === "stored") thread.stored(frame);
    else if (frame.type === "replayed") thread.replayed(frame.event);
    else if (frame.type === "typing") setTyping(frame.active);
    else if (frame.type === "error") refused(frame);
  }

  function welcomed(frame: WelcomeFrame): void {
    state.notice = frame.notice;
    state.isConsentRequired = frame.consent_required;
    state.unread = frame.unread;
    state.problem = "";
    if (frame.nickname) state.nickname = frame.nickname;
    // A consent whose frame was lost with the socket is said again; a new version has to be read first.
    if (frame.consent_required && given?.version === frame.notice.version) sendConsent();
    if (!state.isConsentRequired) thread.release();
    flush();
  }

  function received(frame: MessageFrame): void {
    const isNew = thread.receive(frame);
    if (isNew && thread.isReplayed && frame.author !== "worker") state.unread += 1;
  }

  function refused(frame: ErrorFrame): void {
    const isOurs = thread.refused(frame);
    if (frame.code === "consent_required") {
      given = null;
      state.isConsentRequired = true;
    } else if (frame.code === "not_signed_in") connection.signedOutNow();
    else if (!isOurs) state.problem = frame.message;
  }

  function sendConsent(): void {
    if (given === null) return;
    const nickname = given.nickname === "" ? {} : { nickname: given.nickname };
    const isSent = connection.send({ type: "consent", version: given.version, ...nickname });
    state.isConsentRequired = !isSent;
    state.isConsentWaiting = !isSent;
  }

  // What the reader has in front of them is read; the number is said once for each event.
  watch(
    () => [thread.after, thread.isReplayed, state.isInFront && !state.isCovered, state.isAtBottom, state.unread] as const,
    ([event, isReplayed, isSeen, isAtBottom]) => {
      if (!isReplayed || !isSeen || !isAtBottom) return;
      state.unread = 0;
      if (event > lastRead && connection.send({ type: "read", event })) lastRead = event;
    },
  );

  return {
    place,
    state,
    thread,
    listeners,
    start() {
      connection.start();
      expiryTimer = setInterval(() => {
        thread.expire(Date.now());
      }, 2_000);
    },
    stop() {
      clearInterval(expiryTimer);
      connection.stop();
    },
    wake() {
      connection.wake();
    },
    restart() {
      connection.start();
    },
    send: (frame) => connection.send(frame),
    say,
    choose(message, index) {
      const text = message.buttons[index];
      if (text !== undefined) say(text, { message_id: message.id, index });
    },
    fillIn(questionnaire, words) {
      say(words, { questionnaire });
    },
    retry(externalId) {
      thread.retry(externalId);
      flush();
    },
    consent(nickname) {
      if (state.notice === null) return;
      given = { version: state.notice.version, nickname: nickname.trim() };
      state.nickname = given.nickname;
      sendConsent();
      if (state.isConsentRequired) return; // Not connected: said after the next welcome.
      thread.release();
      flush();
    },
    async erase() {
      await eraseMine(place);
      connection.stop();
      forgetToken();
      thread.clear();
      given = null;
      state.isErased = true;
    },
  };
}

/** The number on the badge and in the title. */
export function unreadLabel(count: number): string {
  return count > 99 ? "99+" : String(count);
}

export function useTitle(chat: Chat, name: string): void {
  const title = computed(() => (chat.state.unread > 0 ? `（${unreadLabel(chat.state.unread)}）${name}` : name));
  watch(
    title,
    (text) => {
      document.title = text;
    },
    { immediate: true },
  );
}
