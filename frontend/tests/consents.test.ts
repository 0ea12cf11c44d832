import { afterEach, describe, expect, it, vi } from "vitest";
import { gateway } from "./fake_fetch";
import { type Consents, loadConsents, putConsent, shownConsents } from "../src/shared/consents";

const ALL: Consents = {
  version: "2026-11",
  consents: [
    { kind: "assessment", title: "存着测评的回答", text: "", can_grant: false, granted_at: null },
    { kind: "improvement", title: "帮着改进程序", text: "", can_grant: true, granted_at: null },
    { kind: "research", title: "参加匿名研究", text: "", can_grant: true, granted_at: "2026-11-22T04:00:00+00:00" },
  ],
};

afterEach(() => vi.unstubAllGlobals());

describe("consents", () => {
  it("shows what is switched here, and what is only switched on elsewhere once it is on", () => {
    expect(shownConsents(ALL).map((each) => each.kind)).toEqual(["improvement", "research"]);
    const on = ALL.consents.map((each) => ({ ...each, granted_at: "2026-11-22T04:00:00+00:00" }));
    expect(shownConsents({ ...ALL, consents: on })).toHaveLength(3);
  });

  it("says which text was agreed to, and gives the switches as they stand then", async () => {
    const calls = gateway(200, ALL);
    expect(await loadConsents("page")).toEqual(ALL);
    expect(await putConsent("page", "research", true, ALL.version)).toEqual(ALL);
    expect(calls.map(([path, init]) => [path, init.method])).toEqual([
      ["/api/me/consents", "GET"],
      ["/api/me/consents", "PUT"],
    ]);
    expect(JSON.parse(calls[1]?.[1].body as string)).toEqual({ kind: "research", granted: true, version: "2026-11" });
  });

  it("tells a refusal in the gateway's own sentence", async () => {
    gateway(400, { error: { code: "bad_field", message: "这段说明更新过了，刷新一下，看过再选。" } });
    await expect(putConsent("page", "research", true, "old")).rejects.toThrow("这段说明更新过了");
  });
});
