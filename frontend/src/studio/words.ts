/** Chinese for the codes of docs/studio.md that come without their words. */
import type { ChangeSetState, DecisionKind, InboxReason, Verdict } from "./protocol";

export const STATES: Record<ChangeSetState, string> = {
  draft: "草稿", proposed: "等人审核", reviewed: "审核通过", applied: "已写入", withdrawn: "已收回",
};

export const DECISIONS: Record<DecisionKind, string> = { right: "听对了", intent: "改了意图", not_ours: "不归我们管", dismiss: "先放一边" };

export const VERDICTS: Record<Verdict, string> = { missed: "漏报", false_alarm: "误报" };

/** The order of the filters; their words come with the inbox. */
export const REASON_ORDER: readonly InboxReason[] = [
  "not_understood", "thumbs_down", "marked", "fallback", "low_confidence", "runner_up", "changed_topic", "sample",
];

/** What an intent is called where people read it; one that trainers made is shown by its own name. */
const INTENTS: Record<string, string> = {
  work_stress: "工作压力", workplace_conflict: "单位里的矛盾", family_conflict: "家里的事", homesickness: "想家", loneliness: "孤单", relationship: "感情",
  sleep_problem: "睡不好", anxiety: "焦虑", low_mood: "情绪低落", burnout: "被掏空的累", grief: "失去亲友", parenting: "孩子的事", self_worth: "对自己的怀疑",
  out_of_scope: "不归我们管", disclose_self_harm: "说到伤害自己", worry_about_other: "担心别人", report_violence: "说到挨打受欺", report_work_injury: "说到工伤",
  ask_counsellor: "想找真人", start_screening: "想做测评", see_result: "看测评结果", book_appointment: "想预约", log_mood: "记心情", start_exercise: "想做练习",
  start_programme: "想跟课程", find_station: "找驿站", union_service: "问工会服务", ask_hotline: "问热线", ask_capability: "问能做什么", are_you_human: "问是不是真人",
  ask_privacy: "问隐私", delete_my_data: "要删资料", export_my_data: "要导出资料", complain: "抱怨", insult: "骂人", help: "要帮助", greet: "打招呼", goodbye: "告别",
  thank: "道谢", affirm: "是", deny: "不是", unsure: "说不准", vent_more: "接着说", just_listen: "只想有人听", stop: "不说了", nlu_fallback: "没听懂",
};

export const intentWord = (intent: string | null): string => (intent === null || intent === "" ? "没听懂" : (INTENTS[intent] ?? intent));

const ENTITIES: Record<string, string> = {
  person: "谁", place: "地方", time: "时候", duration: "多久", feeling: "感受", scale: "量表", exercise: "练习",
};

export const entityWord = (entity: string): string => ENTITIES[entity] ?? entity;

const POLICIES: Record<string, string> = {
  RulePolicy: "规则", MemoizationPolicy: "照着故事", AugmentedMemoizationPolicy: "照着故事", TEDPolicy: "推测", UnexpecTEDIntentPolicy: "觉得不对劲",
};

/** By whom a step was chosen; Rasa may put its place before the name (policy_1_TEDPolicy). */
export function policyWord(policy: string | null): string {
  if (policy === null || policy === "") return "自动";
  const name = policy.replace(/^policy_\d+_/, "");
  return POLICIES[name] ?? name;
}
