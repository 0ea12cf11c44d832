/** Words that the console itself says for codes of the protocol; those of reasons, outcomes and levels come with the sign-in. */
import type { SafetyFact } from "./protocol";
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


const word = (words: Record<string, string> | undefined, code: string): string => words?.[code] ?? code;

export const reasonWord = (reason: string): string => word({ ...ALERTS, ...session.signed?.reasons }, reason);
export const outcomeWord = (outcome: string): string => word(session.signed?.outcomes, outcome);
export const topicWord = (topic: string): string => word(TOPICS, topic);
export const stepWord = (step: string): string => word(STEPS, step);
export const planWord = (step: string): string => word(PLAN_STEPS, step);
export const consentWord = (kind: string): string => word(CONSENTS, kind);
/** Anonymous people have no name: said plainly. */
export const nameWord = (nickname: string | null): string => nickname ?? "没留称呼";
