import { describe, expect, it } from "vitest";
import { duration, moment, percent, untilWords } from "../src/staff/figures";

describe("figures", () => {
  it("say a duration by its two largest parts", () => {
    const words = [0, 45.4, 60, 80, 3600, 7500, 90_061, 86_400].map(duration);
    expect(words).toEqual(["0 秒", "45 秒", "1 分", "1 分 20 秒", "1 小时", "2 小时 5 分", "1 天 1 小时", "1 天"]);
    expect(duration(null)).toBe("—");
  });

  it("never call a share whole that is not", () => {
    expect([0, 0.944, 0.999, 1].map(percent)).toEqual(["0%", "94%", "99%", "100%"]);
    expect(percent(null)).toBe("—");
  });

  it("name a moment on the reader's clock", () => {
    const now = new Date(2026, 10, 22, 9, 5);
    expect(moment(new Date(2026, 10, 22, 8, 1).toISOString(), now)).toBe("今天 08:01");
    expect(moment(null, now)).toBe("—");
  });

  it("tell how far away a time is, both ways", () => {
    const now = new Date("2026-11-22T09:00:00Z");
    expect(untilWords("2026-11-22T11:05:00Z", now)).toBe("2 小时 5 分后");
    expect(untilWords("2026-11-22T08:59:00Z", now)).toBe("已过 1 分");
  });
});
