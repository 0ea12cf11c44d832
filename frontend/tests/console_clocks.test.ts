import { describe, expect, it } from "vitest";
import { clockOf, filtered, inOrder, RowAges, span, unansweredSeconds } from "../src/console/clocks";
import { NOW_MS, row, secondsAgo } from "./console_rows";

describe("the clock of a row", () => {
  it("counts down to due_at by the gateway's time", () => {
    const clock = clockOf(row({ requested_at: secondsAgo(20), due_at: secondsAgo(-160) }), NOW_MS);
    expect(clock).toEqual({ state: "early", leftSeconds: 160, waitedSeconds: 20 });
  });

  it("warns in the last third", () => {
    expect(clockOf(row({ requested_at: secondsAgo(120), due_at: secondsAgo(-60) }), NOW_MS).state).toBe("soon");
    expect(clockOf(row({ requested_at: secondsAgo(119), due_at: secondsAgo(-61) }), NOW_MS).state).toBe("early");
  });

  it("is breached only after due_at", () => {
    expect(clockOf(row({ due_at: secondsAgo(0) }), NOW_MS).state).toBe("soon");
    expect(clockOf(row({ due_at: secondsAgo(1) }), NOW_MS)).toMatchObject({ state: "breached", leftSeconds: -1 });
  });

  it("runs for nobody once somebody accepted", () => {
    expect(clockOf(row({ status: "active", due_at: secondsAgo(500) }), NOW_MS).state).toBe("none");
  });

  it("shows spans in the unit that matters", () => {
    expect([span(45), span(-33), span(723), span(3 * 3600 + 300), span(3 * 86_400)]).toEqual(["0:45", "0:33", "12:03", "3 小时 05 分", "3 天"]);
  });
});

describe("waiting for an answer", () => {
  const active = { status: "active" as const, accepted_at: secondsAgo(300) };

  it("begins with the worker's word after the counsellor's last", () => {
    expect(unansweredSeconds(row({ ...active, worker_at: secondsAgo(40), counsellor_at: secondsAgo(90) }), NOW_MS)).toBe(40);
    expect(unansweredSeconds(row({ ...active, worker_at: secondsAgo(90), counsellor_at: secondsAgo(40) }), NOW_MS)).toBeNull();
  });

  it("does not count what was said before the case was accepted", () => {
    expect(unansweredSeconds(row({ ...active, worker_at: secondsAgo(400) }), NOW_MS)).toBeNull();
  });
});

describe("the order of the queue", () => {
  it("puts danger before waiting time, people before papers, and talks between them", () => {
    const rows = [
      row({ id: 1, rank: 3, requested_at: secondsAgo(900) }),
      row({ id: 2, rank: 0, requested_at: secondsAgo(5) }),
      row({ id: 3, rank: 0, requested_at: secondsAgo(50) }),
      row({ id: 4, rank: 0, status: "active", requested_at: secondsAgo(999) }),
      row({ id: 5, rank: 0, is_live: false, requested_at: secondsAgo(9999) }),
    ];
    expect(inOrder(rows).map((each) => each.id)).toEqual([3, 2, 1, 4, 5]);
  });

  it("keeps rows of one moment in one order", () => {
    const rows = [row({ id: 9 }), row({ id: 7 }), row({ id: 8 })];
    expect(inOrder(rows).map((each) => each.id)).toEqual(inOrder([...rows].reverse()).map((each) => each.id));
  });

  it("lets through what is mine, also what is pushed to me", () => {
    const rows = [row({ id: 1, accepted_by: "me", status: "active" }), row({ id: 2, offered_to: "me" }), row({ id: 3 })];
    expect(filtered(rows, "mine", "me").map((each) => each.id)).toEqual([1, 2]);
    expect(filtered(rows, "waiting", "me").map((each) => each.id)).toEqual([2, 3]);
    expect(filtered(rows, "all", "me")).toHaveLength(3);
  });
});

describe("the age of a row", () => {
  it("refuses what is older than what is known, of that row alone", () => {
    const ages = new RowAges();
    expect([ages.isNews(1, 20), ages.isNews(1, 19), ages.isNews(2, 19), ages.isNews(1, 20), ages.isNews(1, null)]).toEqual([true, false, true, true, true]);
  });
});
