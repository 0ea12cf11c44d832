import { describe, expect, it } from "vitest";
import { hotlines } from "virtual:hotlines";
import { COUNTRIES, countryOf } from "../src/shared/countries";
import {
  hoursLine,
  inCallingOrder,
  isAbroad,
  isOpenAt,
  telHref,
  withCallableNumbers,
} from "../src/shared/hotlines";

const NOW = new Date("2026-11-22T02:00:00Z");
const YUNNAN = {
  timezone: "Asia/Shanghai",
  weekly: [
    { days: [1, 2, 3, 4, 5], from: "08:30", to: "11:30" },
    { days: [1, 2, 3, 4, 5], from: "14:30", to: "17:30" },
  ],
};

describe("what is bundled", () => {
  it("has no unverified number", () => {
    expect(hotlines.map((line) => line.number)).not.toContain("400-161-9995");
    expect(hotlines.map((line) => line.number)).not.toContain("010-82951332");
  });

  it("begins with the three emergency numbers", () => {
    expect(inCallingOrder(hotlines, NOW).slice(0, 3).map((line) => line.number)).toEqual(["120", "110", "119"]);
  });

  it("never calls 12356 a 24-hour line", () => {
    const line = hotlines.find((each) => each.number === "12356");
    expect(line && hoursLine(line, NOW)).toMatch(/^可能不在服务时间/);
  });
});

describe("opening hours", () => {
  it("go by the line's own clock", () => {
    expect(isOpenAt(YUNNAN, new Date("2026-11-23T01:00:00Z"))).toBe(true); // Monday 9:00 in China
    expect(isOpenAt(YUNNAN, new Date("2026-11-23T04:00:00Z"))).toBe(false); // lunch
    expect(isOpenAt(YUNNAN, new Date("2026-11-22T01:00:00Z"))).toBe(false); // Sunday
  });

  it("are unknown when the data do not say", () => {
    expect(isOpenAt(null, NOW)).toBeNull();
  });

  it("put an open line before an unknown one and a closed one last", () => {
    const line = { number: "1", abroad: [], name: "", kind: "psychological" as const, what: "", hoursText: "", hours: null };
    const open = { ...line, number: "2", hours: { timezone: "UTC", weekly: [{ days: [7], from: "00:00", to: "24:00" }] } };
    const closed = { ...line, number: "3", hours: { timezone: "UTC", weekly: [] } };
    expect(inCallingOrder([closed, line, open], NOW).map((each) => each.number)).toEqual(["2", "1", "3"]);
  });
});

describe("where the reader is", () => {
  it.each([["Asia/Shanghai", false], ["Asia/Urumqi", false], ["UTC", false], ["Asia/Dubai", true], ["Africa/Kinshasa", true]])(
    "%s",
    (zone, expected) => {
      expect(isAbroad(zone)).toBe(expected);
    },
  );

  it("is guessed from the zone, and left open where no numbers are known", () => {
    expect(countryOf("Asia/Dubai")).toMatchObject({ name: "阿联酋", police: "999", ambulance: "998" });
    expect(countryOf("America/Argentina/Buenos_Aires")?.name).toBe("阿根廷");
    expect(countryOf("Africa/Kinshasa")).toBeNull();
  });

  it("every country has three numbers", () => {
    for (const c of COUNTRIES) expect([c.police, c.ambulance, c.fire].every((n) => /^\d{2,5}$/.test(n))).toBe(true);
  });
});

describe("numbers in a bubble", () => {
  const known = ["120", "110", "12356", "+86-10-12308", "12308"];
  const numbers = (text: string, hasEmergency = true): (string | null)[] =>
    withCallableNumbers(text, known, hasEmergency).flatMap((piece) => piece.number ?? []);

  it("can be tapped", () => {
    expect(numbers("先打 120，或者12356。")).toEqual(["120", "12356"]);
    expect(withCallableNumbers("打120", known, true).map((piece) => piece.text).join("")).toBe("打120");
  });

  it("are not cut out of longer ones", () => {
    expect(numbers("工号1205，12356789，+86-10-12308")).toEqual(["+86-10-12308"]);
  });

  it("of three digits count only in a safety bubble", () => {
    expect(numbers("扣了120块，打12356", false)).toEqual(["12356"]);
  });

  it("lose their hyphens for the telephone", () => {
    expect(telHref("+86-10-12308")).toBe("tel:+861012308");
  });
});
