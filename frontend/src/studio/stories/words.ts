/** Words of the story picture: kinds of steps, values of slots as people type them, what Rasa's own actions do. */
import { parse as parseYaml, stringify } from "yaml";
import type { StoryFile } from "../protocol";
import type { ItemKind } from "./model";
import type { SlotValue, Step, StepKind } from "./steps";

export const FILE_KINDS: Record<StoryFile["kind"], string> = { stories: "故事", rules: "规则", tests: "测试" };

export const ITEM_KINDS: Record<ItemKind, string> = { story: "故事", rule: "规则" };

export const STEP_KINDS: Record<StepKind, string> = {
  worker: "员工", bot: "心驿", said: "心驿说", loop: "表单", slots: "记住的", checkpoint: "分岔点", other: "其他",
};

/** The steps that can be added, by what they are for. */
export const NEW_STEPS: readonly { kind: StepKind; word: string; make: (isTest: boolean) => Step }[] = [
  { kind: "worker", word: "员工说", make: (isTest) => ({ kind: "worker", turns: [{ intent: "", words: isTest ? "" : null, marks: [] }] }) },
  { kind: "bot", word: "心驿做", make: () => ({ kind: "bot", action: "" }) },
  { kind: "loop", word: "表单", make: () => ({ kind: "loop", form: null }) },
  { kind: "slots", word: "记住的", make: () => ({ kind: "slots", slots: [{ name: "", hasValue: true, value: true }] }) },
  { kind: "checkpoint", word: "分岔点", make: () => ({ kind: "checkpoint", name: "", slots: [] }) },
];

const OWN_ACTIONS: Record<string, string> = {
  action_listen: "等员工说话", action_restart: "从头开始", action_session_start: "一次新的对话", action_default_fallback: "没听懂时", action_deactivate_loop: "停下表单",
  action_two_stage_fallback: "两步确认", action_default_ask_affirmation: "请员工确认", action_default_ask_rephrase: "请员工换个说法", action_back: "退回一步",
  action_unlikely_intent: "意料之外的意图", action_extract_slots: "取出要记的",
};

/** Rasa's own actions, which no domain lists. */
export const RASA_ACTIONS: readonly { name: string; word: string }[] = Object.entries(OWN_ACTIONS).map(([name, word]) => ({ name, word }));

/** A slot's value as it is typed: as YAML has it, so that `true` and `3` are no words. */
export function valueText(slot: Pick<SlotValue, "hasValue" | "value">): string {
  if (!slot.hasValue) return "";
  if (slot.value === null) return "null";
  return stringify(slot.value, { lineWidth: 0, collectionStyle: "flow", flowCollectionPadding: false }).trim();
}

/** The value that was typed; without anything the slot only has to be set. */
export function valueOf(typed: string): Pick<SlotValue, "hasValue" | "value"> {
  const text = typed.trim();
  if (text === "") return { hasValue: false, value: null };
  try {
    return { hasValue: true, value: parseYaml(text, { logLevel: "error" }) as unknown };
  } catch {
    return { hasValue: true, value: text };
  }
}
