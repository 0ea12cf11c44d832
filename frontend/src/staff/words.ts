/** Words of the staff's pages for codes of roles, levels and cues. */
import type { Level, Role } from "./protocol";
import { session } from "./session";

export const ROLES: Record<Role, string> = { counsellor: "咨询师", supervisor: "督导", trainer: "训练师", clinician: "临床审核", admin: "管理员" };

/** From the gravest on. */
export const LEVELS: readonly Level[] = ["imminent", "high", "watch", "none"];

/** The words of levels come with the sign-in. */
export const levelWord = (level: Level): string => session.signed?.levels[level] ?? level;

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

export function cueWord(name: string): string {
  if (name.startsWith("asq_")) return "直接问时的回答";
  return name.startsWith("screening_") ? "测评里的回答" : (CUES[name] ?? "");
}
