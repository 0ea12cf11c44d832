import { describe, expect, it } from "vitest";
import { drawn } from "./drawn_turn";
import type { MessageFrame } from "../src/shared/protocol";

const ASKED: MessageFrame = {
  type: "message", id: 5, event: 5, author: "system", text: "刚才这一段有没有帮上你？", buttons: [],
  custom: { kind: "rating", handoff_id: 7, faces: 0 }, created_at: "2026-11-22T08:00:00Z", external_id: null,
};

describe("the rating card", () => {
  it("is three faces with words, and can be left", async () => {
    const html = await drawn(ASKED);
    expect(html.match(/type="radio"/g)).toHaveLength(3);
    for (const word of ["没帮上", "还可以", "帮到我了", "不评了"]) expect(html).toContain(word);
    expect(html).not.toContain("发给他们");
  });

  it("folds away once the worker talks on, and stays at hand", async () => {
    const html = await drawn(ASKED, { ...ASKED, id: 6, event: 6, author: "worker", text: "还想说个事", custom: null });
    expect(html).toMatch(/^(<!--\[-->)?<details/);
    expect(html).toContain("帮到我了");
    expect(html).not.toContain("不评了");
  });

  it("does not ask again what was given before the page was opened anew", async () => {
    const html = await drawn({ ...ASKED, custom: { kind: "rating", handoff_id: 7, faces: 3 } });
    expect(html).toContain("收到了");
    expect(html).not.toContain('type="radio"');
  });
});
