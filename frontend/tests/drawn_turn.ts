/** A line of a handoff as the page draws it, in a thread with what came later. */
import { createSSRApp, reactive } from "vue";
import { renderToString } from "vue/server-renderer";
import type { MessageFrame } from "../src/shared/protocol";
import { Thread } from "../src/shared/thread";
import { type Chat, CHAT } from "../src/widget/chat";
import TurnLine from "../src/widget/human/TurnLine.vue";

export function drawn(shown: MessageFrame, ...later: MessageFrame[]): Promise<string> {
  const thread = reactive(new Thread()) as Thread;
  for (const each of [shown, ...later]) thread.receive(each);
  const app = createSSRApp(TurnLine, { plan: shown });
  app.provide(CHAT, { thread } as Chat);
  return renderToString(app);
}
