import { afterEach, beforeEach, expect, it, vi } from "vitest";

const kept = new Map<string, string>();
vi.stubGlobal("sessionStorage", {
  getItem: (key: string) => kept.get(key) ?? null,
  setItem: (key: string, value: string) => kept.set(key, value),
  removeItem: (key: string) => kept.delete(key),
});
const { canEdit, chooseDraft, draft, draftToEdit, inDraft, usualTitle } = await import("../src/studio/draft");

const changeSet = (id: number, may: string[]) => ({ id, title: "给倒班的例句", state: "draft", may, files: [] });
const calls: string[] = [];
let answers: Record<string, [status: number, body: unknown]> = {};

beforeEach(() => {
  calls.length = 0;
  answers = {};
  Object.assign(draft, { id: null, current: null, mine: [] });
  kept.clear();
  vi.stubGlobal("fetch", (address: string, init: { method: string }) => {
    const call = `${init.method} ${address.replace("/api/studio/", "")}`;
    calls.push(call);
    const [status, body] = answers[call] ?? [404, { error: { code: "not_found", message: "没有这张改动单。" } }];
    return Promise.resolve(new Response(JSON.stringify(body), { status }));
  });
});
afterEach(() => kept.clear());

it("a reading call names the change set only where one is chosen", async () => {
  answers["GET change-sets/3"] = [200, changeSet(3, ["edit"])];
  expect(inDraft()).toBe("");
  expect(inDraft({ q: "睡", page: null })).toBe("?q=%E7%9D%A1");
  await chooseDraft(3);
  expect(inDraft({ page: 2 })).toBe("?page=2&change_set=3");
  expect([canEdit(), kept.get("xinyi.studio.draft")]).toEqual([true, "3"]);
});

it("a change set that is gone is left", async () => {
  await chooseDraft(9);
  expect([draft.id, draft.current, kept.size]).toEqual([null, null, 0]);
});

it("what is written goes into the chosen one while it may be edited", async () => {
  answers["GET change-sets/3"] = [200, changeSet(3, ["edit", "propose"])];
  await chooseDraft(3);
  expect(await draftToEdit()).toBe(3);
  expect(calls).toEqual(["GET change-sets/3"]);
});

it("else into a new one of today, which is chosen then", async () => {
  answers["GET change-sets/3"] = [200, changeSet(3, ["review"])];
  answers["POST change-sets"] = [200, changeSet(4, ["edit"])];
  await chooseDraft(3);
  expect(await draftToEdit(new Date(2026, 10, 30))).toBe(4);
  expect([draft.id, usualTitle(new Date(2026, 10, 30))]).toEqual([4, "11月30日的改动"]);
});
