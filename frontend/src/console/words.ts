/** Words that the console itself says for codes of the protocol; those of reasons, outcomes and levels come with the sign-in. */
import type { Level, SafetyFact } from "./protocol";
import { session } from "../staff/session";

export const TOPICS: Record<string, string> = {
  work_stress: "工作压力",
  workplace_conflict: "单位里的矛盾",
  family_conflict: "家里的事",
  homesickness: "想家",
  loneliness: "孤单",
  relationship: "感情",
  sleep_problem: "睡不好",
  anxiety: "焦虑",
  low_mood: "情绪低落",
  burnout: "被掏空的累",
  grief: "失去亲友",
  parenting: "孩子的事",
  self_worth: "对自己的怀疑",
};

const STEPS: Record<string, string> = {
  requested: "请求真人",
  offered: "推给",
  declined: "没接",
  accepted: "接下",
  released: "交还小程序助手",
  transferred: "转出",
  reassigned: "重新分配",
  expired: "超时交还",
  closed: "结束",
  breached: "超过时限",
  level: "等级变动",
  reminded: "提醒回复",
  cancelled: "本人取消等待",
  listened: "督导旁听",
  noted: "写了备注",
  contacted_emergency_contact: "联系紧急联系人",
  called_emergency: "已拨打 120 或 110",
  invited: "邀请测评",
  rated: "本人评价",
};

/** What an alert may be about beside the reasons of a handoff. */
const ALERTS: Record<string, string> = {
  follow_up_overdue: "随访逾期",
  unreached: "还没联系上",
  silent: "对方在等你回复",
};

const PLAN_STEPS: Record<string, string> = {
  warning_signs: "要不好了的信号",
  alone: "自己能做的",
  distraction: "能分心的人和地方",
  people: "能求助的人",
  professionals: "专业的人和号码",
  safe_place: "让身边安全一点",
  worth_living: "想活下去的理由",
};

/** The cues of content/risk/lexicon.yml; one that has no word here is shown by its quotation alone. */
const CUES: Record<string, string> = {
  drunk: "喝了酒",
  want_to_die: "想死",
  not_want_to_live: "不想活",
  end_life: "结束生命",
  want_suicide: "想自杀",
  method_asked: "问方法",
  plan_or_means: "计划或手段",
  suicide_word: "说到自杀",
  die_word: "说到死",
  near_time: "时间很近",
  going_now: "现在就要去",
  at_the_place: "已在那个地方",
  act_under_way: "正在做或刚做过",
  means_in_hand: "手边有",
  farewell: "告别",
  last_arrangements: "安排后事",
  farewell_words: "告别的话",
  self_harm: "伤害自己",
  self_harm_word: "说到自伤",
  passive_wish: "被动的念头",
  no_more_strength: "撑不下去",
  own_attempt_past: "以前试过",
  retraction: "说过又收回",
  foolish_deed: "做傻事",
  own_foolish_deed: "怕自己做傻事",
  other_suicidal: "别人想自杀",
  other_in_danger: "别人有危险",
  threat_to_others: "要伤害别人",
  violence_now: "正在被伤害",
  violence_suffered: "受过伤害",
  medical_emergency: "要急救",
};

export const FACTS: Record<SafetyFact, string> = {
  intent: "想死的打算",
  plan: "怎么做",
  means: "手边有没有",
  time: "什么时候",
  place: "在哪里",
  phone: "电话",
  alone: "身边有没有人",
  alcohol: "喝酒",
  attempts: "以前有没有过",
};

const CONSENTS: Record<string, string> = {
  chat: "聊天",
  assessment: "测评",
  counsellor_review: "咨询师查看",
  emergency_contact: "紧急联系人",
  improvement: "改进系统",
  research: "研究",
};

export const LEVELS: readonly Level[] = ["imminent", "high", "watch", "none"];

const word = (words: Record<string, string> | undefined, code: string): string => words?.[code] ?? code;

export const levelWord = (level: Level): string => word(session.signed?.levels, level);
export const reasonWord = (reason: string): string => word({ ...ALERTS, ...session.signed?.reasons }, reason);
export const outcomeWord = (outcome: string): string => word(session.signed?.outcomes, outcome);
export const topicWord = (topic: string): string => word(TOPICS, topic);
export const stepWord = (step: string): string => word(STEPS, step);
export function cueWord(name: string): string {
  if (name.startsWith("asq_")) return "直接问时的回答";
  return name.startsWith("screening_") ? "测评里的回答" : (CUES[name] ?? "");
}
export const planWord = (step: string): string => word(PLAN_STEPS, step);
export const consentWord = (kind: string): string => word(CONSENTS, kind);
/** Anonymous people have no name: said plainly. */
export const nameWord = (nickname: string | null): string => nickname ?? "没留称呼";
