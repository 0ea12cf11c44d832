import { describe, expect, it } from "vitest";
import { ApiError } from "../src/staff/api";
import { byField, useForm } from "../src/staff/form";

const KNOWN = ["name", "role"];
const nothing = (): Record<string, string> => ({});
const refuse = (fields: string[]) => () => Promise.reject(new ApiError(422, "incomplete", "登录名已经有人用了。", fields));

describe("a form", () => {
  it("sends nothing while its own checks find something", async () => {
    const form = useForm(KNOWN);
    let sent = 0;
    const send = (): Promise<void> => Promise.resolve(void (sent += 1));
    expect(await form.submit(() => ({ name: "请填登录名。" }), send)).toBe(false);
    expect(form.problems.value).toEqual({ name: "请填登录名。" });
    expect(await form.submit(nothing, send)).toBe(true);
    expect([sent, form.problems.value]).toEqual([1, {}]);
  });

  it("puts the server's sentence at the one field it names", async () => {
    const form = useForm(KNOWN);
    expect(await form.submit(nothing, refuse(["name"]))).toBe(false);
    expect([form.problems.value, form.problem.value]).toEqual([{ name: "登录名已经有人用了。" }, ""]);
  });

  it("says the sentence above when it names several, or none that the form has", async () => {
    const form = useForm(KNOWN);
    await form.submit(nothing, refuse(["name", "role"]));
    expect([Object.keys(form.problems.value), form.problem.value]).toEqual([KNOWN, "登录名已经有人用了。"]);
    await form.submit(nothing, refuse(["other"]));
    expect([form.problems.value, form.problem.value]).toEqual([{}, "登录名已经有人用了。"]);
  });

  it("does not send twice at once, and may be sent again after a failure", async () => {
    const form = useForm(KNOWN);
    let done: () => void = () => undefined;
    const first = form.submit(nothing, () => new Promise<void>((resolve) => (done = resolve)));
    expect(await form.submit(nothing, () => Promise.resolve())).toBe(false);
    done();
    expect([await first, form.isSending.value]).toEqual([true, false]);
    expect(byField(new Error("x"), KNOWN)).toEqual({});
  });
});
