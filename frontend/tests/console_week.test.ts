import { describe, expect, it } from "vitest";
import {
  added, clockText, copied, covered, DAY, freeSpan, hoursOf, joined, minutesOf, nudged, readShifts, removed, shifted, writeShifts, zoneMinutes,
} from "../src/console/week";

const morning = { weekday: 1, start: 540, end: 720 };
const afternoon = { weekday: 1, start: 840, end: 1080 };

describe("a time of the day", () => {
  it("is read as people type it", () => {
    expect(["9", "930", "9:30", "09：30", "0", "24:00"].map(minutesOf)).toEqual([540, 570, 570, 570, 0, DAY]);
  });

  it("is refused when it is none", () => {
    expect(["", "25", "24:01", "9:60", "九点", "-1"].map(minutesOf)).toEqual([null, null, null, null, null, null]);
  });

  it("is written with two digits, midnight as the end of the day", () => {
    expect([0, 570, DAY].map(clockText)).toEqual(["00:00", "09:30", "24:00"]);
  });
});

describe("a week of shifts", () => {
  it("keeps several spans a day and joins those that touch", () => {
    expect(joined([afternoon, morning])).toEqual([morning, afternoon]);
    expect(joined([morning, { ...afternoon, start: 720 }])).toEqual([{ weekday: 1, start: 540, end: 1080 }]);
  });

  it("goes over midnight as two spans, and from Sunday to Monday", () => {
    expect(added([], 7, 1320, 360)).toEqual([
      { weekday: 1, start: 0, end: 360 },
      { weekday: 7, start: 1320, end: DAY },
    ]);
    expect(added([], 3, 1320, 0)).toEqual([{ weekday: 3, start: 1320, end: DAY }]);
    expect(hoursOf(added([], 3, 540, 540))).toBe(24);
  });

  it("never moves a span over its neighbour or out of its day", () => {
    const week = [morning, afternoon];
    expect(nudged(week, morning, 30, "move")).toEqual({ weekday: 1, start: 570, end: 750 });
    expect(nudged(week, morning, 150, "move")).toEqual(morning);
    expect(nudged(week, morning, 120, "end")).toEqual({ weekday: 1, start: 540, end: 840 });
    expect(nudged(week, morning, -180, "end")).toEqual(morning);
    expect(nudged([{ weekday: 1, start: 0, end: 60 }], { weekday: 1, start: 0, end: 60 }, -30, "move").start).toBe(0);
  });

  it("is copied to other days instead of what stood there", () => {
    const week = copied([morning, { weekday: 2, start: 0, end: 60 }, { weekday: 6, start: 0, end: 60 }], 1, [1, 2, 3]);
    expect(writeShifts(week)).toEqual([
      { weekday: 1, start: "09:00", end: "12:00" },
      { weekday: 2, start: "09:00", end: "12:00" },
      { weekday: 3, start: "09:00", end: "12:00" },
      { weekday: 6, start: "00:00", end: "01:00" },
    ]);
  });

  it("comes back from the server as it was sent", () => {
    expect(readShifts(writeShifts([morning, afternoon]))).toEqual([morning, afternoon]);
    expect(removed([morning, afternoon], morning)).toEqual([afternoon]);
  });
});

describe("who covers the week", () => {
  it("reads a shift of another zone on the page's clock", () => {
    const at = new Date("2026-11-22T00:00:00Z");
    expect(zoneMinutes("Asia/Shanghai", at)).toBe(480);
    expect(zoneMinutes("Africa/Lagos", at)).toBe(60);
    expect(shifted([{ weekday: 1, start: 0, end: 480 }], -420)).toEqual([
      { weekday: 1, start: 0, end: 60 },
      { weekday: 7, start: 1020, end: DAY },
    ]);
    expect(shifted([{ weekday: 7, start: 1320, end: DAY }], 60)).toEqual([
      { weekday: 1, start: 0, end: 60 },
      { weekday: 7, start: 1380, end: DAY },
    ]);
  });

  it("keeps every minute when it is turned", () => {
    const week = [...added([], 7, 1320, 480), ...added([], 3, 540, 1080)];
    for (let by = -840; by <= 840; by += 45) {
      expect(hoursOf(shifted(week, by))).toBe(hoursOf(week));
      expect(shifted(shifted(week, by), -by)).toEqual(joined(week));
    }
  });

  it("counts who stands there at every time of the week", () => {
    const whole = covered([[morning, afternoon], [{ weekday: 1, start: 660, end: 900 }], []]);
    expect(whole.filter((part) => part.weekday === 1).map((part) => [part.start, part.end, part.count])).toEqual([
      [0, 540, 0], [540, 660, 1], [660, 720, 2], [720, 840, 1], [840, 900, 2], [900, 1080, 1], [1080, DAY, 0],
    ]);
    expect(whole.filter((part) => part.weekday > 1)).toEqual([2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, start: 0, end: DAY, count: 0 })));
  });

  it("puts a new span where the day is free", () => {
    expect(freeSpan([], 1)).toEqual(morning);
    expect(freeSpan([morning], 1)).toEqual(afternoon);
    expect(freeSpan([{ weekday: 1, start: 0, end: 1110 }], 1)).toEqual({ weekday: 1, start: 1140, end: 1200 });
    expect(freeSpan([{ weekday: 1, start: 0, end: DAY }], 1)).toBeNull();
  });
});
