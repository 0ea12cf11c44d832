import { describe, expect, it } from "vitest";
import { drawn } from "./drawn_turn";
import type { MessageFrame, WaitingCard as Plan } from "../src/shared/protocol";
import { callsFor, dutyWords, sinceWords } from "../src/widget/human/waiting";

const PLAN: Plan = { kind: "waiting", place: 3, level: "none", on_duty: true, next_at: null, can_cancel: true };
const AT = new Date(2026, 10, 22, 16, 27);

function line(id: number, plan: MessageFrame["custom"], text = "前面还有2个人。"): MessageFrame {
  const buttons = ["先稳一稳", "能打的电话", "取消等待"];
  return { type: "message", id, event: id, author: "system", text, buttons, custom: plan, created_at: AT.toISOString(), external_id: null };
}

describe("the waiting card", () => {
  it("holds words, a number and every way out while it is the newest", async () => {
    const html = await drawn(line(1, PLAN));
    expect(html).toContain("在等真人");
    expect(html).toContain("取消等待");
    expect(html).toMatch(/href="tel:12356"/);
    expect(html).not.toContain("tel:120");
  });

  it("folds to a line once it is over", async () => {
    const over: [MessageFrame["custom"], string][] = [
      [{ kind: "waiting_over", lines: [] }, "好，不等了。"],
      [{ kind: "counsellor", name: "林老师" }, "现在是真人。"],
      [PLAN, "还在等。"],
    ];
    for (const [card, text] of over) {
      const html = await drawn(line(1, PLAN), line(2, card, text));
      expect(html).toContain("<details");
      expect(html).not.toContain("取消等待");
    }
  });

  it("in danger shows emergency numbers first, no row of people, and no way to cancel", async () => {
    const danger: Plan = { ...PLAN, level: "imminent", can_cancel: false };
    expect(callsFor(danger, "Asia/Shanghai", AT).map((call) => call.number).slice(0, 2)).toEqual(["120", "110"]);
    expect(callsFor(danger, "Asia/Dubai", AT).map((call) => [call.number, call.hours])).toEqual([
      ["998", "当地号码"],
      ["999", "当地号码"],
    ]);
    expect(callsFor(danger, "Africa/Kinshasa", AT)).toEqual([]);
    expect(sinceWords(danger, AT)).not.toContain("人");
    expect(await drawn({ ...line(1, danger), buttons: [] })).not.toContain("取消");
  });

  it("says since when, how many came first, and the day somebody is back", () => {
    expect(sinceWords(PLAN, AT)).toBe("16:27 排上，前面 2 人");
    expect(sinceWords({ ...PLAN, place: 1 }, AT)).toBe("16:27 排上");
    const off: Plan = { ...PLAN, on_duty: false, next_at: new Date(2026, 10, 23, 9).toISOString() };
    expect(dutyWords(off, AT)).toBe("明天 09:00 有咨询师值班");
    expect(dutyWords(off, new Date(2026, 10, 23, 8))).toBe("今天 09:00 有咨询师值班");
    expect(dutyWords({ ...off, next_at: null }, AT)).toBeNull();
    expect(dutyWords(PLAN, AT)).toBeNull();
  });
});

describe("lines of coming and going", () => {
  it("are a divider and the rest in words, never markup", async () => {
    const html = await drawn({ ...line(1, { kind: "counsellor", name: "林" }, "现在是真人。<b>林</b>来了。") });
    expect(html).toContain("is-human");
    expect(html).toContain("&lt;b&gt;林&lt;/b&gt;来了。");
    expect(await drawn(line(1, null, "现在换回小程序助手。先到这儿。"))).toMatch(/class="change"/);
  });

  it("carry the numbers of a wait that nobody ended", async () => {
    const lines = [{ number: "120", name: "急救", hours: "24小时" }];
    expect(await drawn(line(1, { kind: "waiting_over", lines }, "没等到。"))).toContain('href="tel:120"');
  });
});
