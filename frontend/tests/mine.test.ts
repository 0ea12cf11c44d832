import { afterEach, describe, expect, it, vi } from "vitest";
import { gateway } from "./fake_fetch";
import { groupVisits, keepContact, loadContact, loadVisits, removeContact } from "../src/shared/mine";

const SISTER = { name: "我姐", relation: "姐姐", phone: "+8613800000000" };

afterEach(() => vi.unstubAllGlobals());

describe("the emergency contact", () => {
  it("is asked for, kept whole and taken back by its own calls", async () => {
    const calls = gateway(200, { contact: SISTER });
    expect(await loadContact("page")).toEqual(SISTER);
    expect(await keepContact("page", SISTER)).toEqual(SISTER);
    expect(await removeContact("page")).toEqual(SISTER);
    expect(calls.map(([path, init]) => [path, init.method])).toEqual(
      ["GET", "PUT", "DELETE"].map((method) => ["/api/me/emergency-contact", method]),
    );
    expect(JSON.parse(calls[1]?.[1].body as string)).toEqual(SISTER);
  });

  it("that does not fit is refused with the gateway's sentence", async () => {
    gateway(422, { error: { code: "incomplete", message: "还差一点，请再看看：电话号码。" } });
    await expect(keepContact("page", { ...SISTER, phone: "1" })).rejects.toThrow("电话号码");
  });
});

describe("who looked", () => {
  const visit = (at: string, why = "在接待你", who = "咨询师") => ({ at: `2026-11-22T${at}:00+00:00`, who, why });

  it("is a line a kind and hour, with how often", async () => {
    const all = [visit("09:50"), visit("09:20"), visit("08:40"), visit("08:30", "抽查服务质量", "督导"), visit("08:20")];
    gateway(200, { visits: all });
    const lines = groupVisits(await loadVisits("page"));
    expect(lines.map((each) => each.count)).toEqual([2, 1, 1, 1]);
    expect(lines[0]).toEqual({ ...all[0], count: 2 });
    expect(lines.map((each) => each.who)).toEqual(["咨询师", "咨询师", "督导", "咨询师"]);
  });
});
