import { createSSRApp, reactive } from "vue";
import { renderToString } from "vue/server-renderer";
import { describe, expect, it } from "vitest";
import type { MessageFrame } from "../src/shared/protocol";
import { Thread } from "../src/shared/thread";
import { type Chat, CHAT } from "../src/widget/chat";
import TurnLine from "../src/widget/human/TurnLine.vue";

const ASKED: MessageFrame = {
  type: "message", id: 5, event: 5, author: "system", text: "刚才这一段有没有帮上你？", buttons: [],
  custom: { kind: "rating", handoff_id: 7, faces: 0 }, created_at: "2026-11-22T08:00:00Z", external_id: null,
};

function drawn(...later: MessageFrame[]): Promise<string> {
  return drawnWith(ASKED, ...later);
}

function drawnWith(asked: MessageFrame, ...later: MessageFrame[]): Promise<string> {
  const thread = reactive(new Thread()) as Thread;
  for (const each of [asked, ...later]) thread.receive(each);
  const app = createSSRApp(TurnLine, { plan: asked });
  app.provide(CHAT, { thread } as Chat);
  return renderToString(app);
}

describe("the rating card", () => {
  it("is three faces with words, and can be left", async () => {
    const html = await drawn();
    expect(html.match(/type="radio"/g)).toHaveLength(3);
    for (const word of ["没帮上", "还可以", "帮到我了", "不评了"]) expect(html).toContain(word);
    expect(html).not.toContain("发给他们");
  });

  it("folds away once the worker talks on, and stays at hand", async () => {
    const html = await drawn({ ...ASKED, id: 6, event: 6, author: "worker", text: "还想说个事", custom: null });
    expect(html).toMatch(/^(<!--\[-->)?<details/);
    expect(html).toContain("帮到我了");
    expect(html).not.toContain("不评了");
  });

  it("does not ask again what was given before the page was opened anew", async () => {
    const html = await drawnWith({ ...ASKED, custom: { kind: "rating", handoff_id: 7, faces: 3 } });
    expect(html).toContain("收到了");
    expect(html).not.toContain('type="radio"');
  });
});
