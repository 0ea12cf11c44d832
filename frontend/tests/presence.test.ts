import { describe, expect, it } from "vitest";
import type { Author, Card, MessageFrame } from "../src/shared/protocol";
import { humanOf, isTurn, lastTurn } from "../src/shared/presence";

let id = 0;
function line(author: Author, text: string, custom: Card | null = null): MessageFrame {
  id += 1;
  return { type: "message", id, event: id, author, text, buttons: [], custom, created_at: "2026-11-22T08:00:00Z", external_id: null };
}
const lin: Card = { kind: "counsellor", name: "林老师" };
const waiting: Card = { kind: "waiting", place: 1, level: "none", on_duty: true, next_at: null, can_cancel: true };

describe("who is here", () => {
  it("is the program until a person says otherwise", () => {
    expect(humanOf([])).toBeNull();
    expect(humanOf([line("bot", "来了啊。"), line("system", "等等", waiting)])).toBeNull();
  });

  it("is the counsellor from their coming, also while the worker or a safety line speaks", () => {
    const lines = [line("system", "现在是真人。林老师来了。", lin), line("worker", "在"), line("safety", "先看这几句")];
    expect(humanOf(lines)).toBe("林老师");
    expect(humanOf([...lines, line("system", "现在是真人。周老师来了。", { ...lin, name: "周老师" })])).toBe("周老师");
  });

  it("is the program again when it says so, or when another person is waited for", () => {
    const here = line("system", "现在是真人。", lin);
    expect(humanOf([here, line("system", "现在换回小程序助手。先到这儿。")])).toBeNull();
    expect(humanOf([here, line("system", "先由我陪着。"), line("system", "还没有接上。", waiting)])).toBeNull();
    expect(humanOf([here, line("system", "没等到。", { kind: "waiting_over", lines: [] })])).toBeNull();
  });

  it("is not told by a worker who writes the gateway's words", () => {
    const mine = line("worker", "现在换回小程序助手");
    expect(isTurn(mine)).toBe(false);
    const here = line("system", "现在是真人。", lin);
    expect(lastTurn([here, mine])).toBe(here);
  });
});
