/** What stood on a card that the worker got, as plain lines: the counsellor sees what was said, not the drawing. */
import type { Card } from "../shared/protocol";

const NAMES: Record<string, string> = {
  breathing: "〔跟着灯呼吸〕",
  hotlines: "〔热线卡〕",
  safety_plan: "〔安全计划卡〕",
  waiting: "",
  waiting_over: "",
  counsellor: "",
  rating: "〔评价卡：三个表情〕",
};

export function cardLines(card: Card | null): string[] {
  if (card === null) return [];
  const name = NAMES[card.kind] ?? "〔卡片〕";
  const lines = name === "" ? [] : [name];
  if (card.kind === "hotlines") return [...lines, ...card.lines.map((line) => `${line.name} ${line.number}${line.hours === null ? "" : `（${line.hours}）`}`)];
  if (card.kind === "safety_plan") return [...lines, ...card.steps.map((step) => `${step.title}：${step.answers.join("；") || "没写"}`)];
  return lines;
}
