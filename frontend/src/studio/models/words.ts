/** Chinese for what training, proving and publishing say in codes. */
import type { Comparison, Job, Model, Publication } from "../protocol";

type Verdict = Model["verdict"];

export const VERDICTS: Record<Verdict, { word: string; tone: "is-good" | "is-warning" | "is-bad" | "" }> = {
  passed: { word: "✓ 可以发布", tone: "is-good" },
  falls: { word: "▼ 有下降", tone: "is-warning" },
  blocked: { word: "✕ 拦下了", tone: "is-bad" },
  unproven: { word: "还没验证", tone: "" },
};

/** The first thing that the comparison says. */
export function verdictSentence(comparison: Pick<Comparison, "verdict" | "blocks" | "falls">): string {
  if (comparison.verdict === "passed") return "可以发布。危机识别没有变差，其他也没有明显下降。";
  if (comparison.verdict === "falls") return "有下降。要发布的话，由训练它的人以外的第二个人写明理由。";
  if (comparison.verdict === "blocked") return "拦下了，不能发布。改好再训练一次。";
  return "还没有验证过，看不出能不能发布。先跑一次验证。";
}

export const ROLES: Record<NonNullable<Model["role"]>, string> = { live: "● 正在用", candidate: "对比试验中", draft: "试聊中" };

export const JOB_STATES: Record<Job["state"], string> = {
  queued: "排队中", running: "进行中", done: "完成", failed: "没成功", cancelled: "已取消",
};

export const JOB_KINDS: Record<Job["kind"], string> = { train: "训练", prove: "验证" };

export type IntentChange = Comparison["intents"][number];

const PHASES: Record<string, string> = {
  "": "等待开始", importing: "启动训练程序", reading: "读训练材料", vectors: "算句子的意思", understanding: "学听懂", dialogue: "学怎么接话", packing: "存成模型",
  checking: "检查", cross_validation: "交叉验证", held_back: "测没学过的句子", crisis: "测危机识别", screen: "测危机识别", safety: "测危机识别", stories: "跑测试故事",
  personas: "和模拟来访者聊", latency: "测快慢", loading: "装载模型", parsing: "逐句测听懂",
};

/** A phase that this page does not know is shown as it is. */
export const phaseWord = (phase: string | null): string => PHASES[phase ?? ""] ?? phase ?? "";

export interface Step {
  word: string;
  state: "done" | "now" | "next" | "failed";
}

const STEPS = ["启动新模型", "等它就绪", "切换新对话", "旧模型收尾"] as const;

/** How far a publication is: starting, ready, moved and done are the steps that are behind it. */
export function stepsOf(publication: Pick<Publication, "state" | "moved_at">): Step[] {
  const { state } = publication;
  const here = state === "done" ? STEPS.length : state === "moved" || state === "draining" ? 3 : state === "ready" ? 2 : publication.moved_at !== null ? 3 : 1;
  return STEPS.map((word, at) => {
    if (at < here) return { word, state: "done" };
    if (at > here) return { word, state: "next" };
    return { word, state: state === "failed" ? "failed" : "now" };
  });
}

export const KINDS: Record<Publication["kind"], string> = { publish: "发布", rollback: "退回" };

export const PUBLICATION_STATES: Record<string, string> = {
  starting: "正在启动", ready: "就绪", moved: "已切换，旧的在收尾", draining: "旧的在收尾", done: "完成", failed: "没成功",
};

/** A share of 0 to 1 with one digit, as figures that are compared need it. */
export function share(value: number | null | undefined): string {
  return value === null || value === undefined ? "–" : `${(value * 100).toFixed(1)}%`;
}

/** ▲ 1.2 or ▼ 0.8 points between two shares; empty when there is nothing to compare or no change that shows. */
export function changeWord(old: number | null | undefined, fresh: number | null | undefined): string {
  if (old === null || old === undefined || fresh === null || fresh === undefined) return "";
  const points = Math.round((fresh - old) * 1000) / 10;
  if (points === 0) return "＝";
  return `${points > 0 ? "▲" : "▼"} ${Math.abs(points).toFixed(1)}`;
}
