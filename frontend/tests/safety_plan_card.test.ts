import { createSSRApp } from "vue";
import { renderToString } from "vue/server-renderer";
import { describe, expect, it } from "vitest";
import type { SafetyPlan } from "../src/shared/protocol";
import SafetyPlanCard from "../src/widget/cards/SafetyPlanCard.vue";

const PLAN: SafetyPlan = {
  kind: "safety_plan",
  title: "我的安全计划",
  note: "还没有和咨询师一起看过",
  steps: [
    { title: "要不好了的信号", answers: ["睡不着", "<b>想哭</b>"] },
    { title: "专业的人和号码", answers: [], lines: [{ number: "120", name: "急救", hours: "24小时" }] },
  ],
};
const drawn = (plan: SafetyPlan): Promise<string> => renderToString(createSSRApp(SafetyPlanCard, { plan }));

describe("the safety plan", () => {
  it("is a named section with a heading and one list item a step", async () => {
    const html = await drawn(PLAN);
    expect(html).toContain('aria-label="我的安全计划"');
    expect(html).toMatch(/<h3[^>]*>我的安全计划<\/h3>/);
    expect(html).toContain("还没有和咨询师一起看过");
    expect(html.match(/<ol/g)).toHaveLength(1);
    expect(html.indexOf("要不好了的信号")).toBeLessThan(html.indexOf("睡不着"));
    expect(html.indexOf("睡不着")).toBeLessThan(html.indexOf("专业的人和号码"));
  });

  it("shows the worker's words as words", async () => {
    expect(await drawn(PLAN)).toContain("&lt;b&gt;想哭&lt;/b&gt;");
  });

  it("has its numbers to call with a tap, and no empty list where there are none", async () => {
    expect(await drawn(PLAN)).toContain('href="tel:120"');
    expect(await drawn({ ...PLAN, steps: PLAN.steps.slice(0, 1) })).not.toContain("<ul");
  });
});
