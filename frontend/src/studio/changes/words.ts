/** Chinese for the states and deeds of a change set, and why a deed is not open to this account now. */
import type { ChangeSet, ChangedFile, ChangeSetRow, ChangeSetState, Deed } from "../protocol";

export const STATES: Record<ChangeSetState, string> = { draft: "草稿", proposed: "等人看", reviewed: "看过了", applied: "已生效", withdrawn: "收回了" };

export const STATE_TONES: Record<ChangeSetState, string> = { draft: "", proposed: "is-warning", reviewed: "is-good", applied: "is-good", withdrawn: "" };

export const FILE_STATES: Record<ChangedFile["state"], string> = { changed: "改了", new: "新文件", deleted: "删掉" };

const DEED_WORDS: Partial<Record<Deed, string>> = { propose: "提交", review: "批准或退回", apply: "生效", withdraw: "收回", train: "拿去训练", edit: "修改" };

/** Before the state in which a deed is possible, or after it. */
function byState(deed: Deed, one: ChangeSetRow): string {
  const { state } = one;
  if (state === "applied") return "这个改动单已经生效了。";
  if (state === "withdrawn") return "这个改动单已经收回了。";
  if (deed === "review" && state === "draft") return "作者提交以后才能看。";
  if (deed === "review" && state === "reviewed") return `${one.reviewed_by ?? "有人"}已经批准了。`;
  if (deed === "apply" && state !== "reviewed") return "要有第二个人批准以后，才能生效。";
  if (deed === "propose" && state !== "draft") return "已经提交了。";
  if (deed === "edit" && state !== "draft") return "提交以后不能再改。要改就先收回，或请对方退回来。";
  return "";
}

/** Why this deed is not open, in a sentence; empty when it is. */
export function whyNot(deed: Deed, one: ChangeSetRow): string {
  if (one.may.includes(deed)) return "";
  const why = byState(deed, one);
  if (why !== "") return why;
  if (deed === "review" && one.is_mine) return "自己的改动单要请另一个人看。";
  if (deed === "review" && one.is_clinical) return "里面有给来访者看的话，要由临床老师批准。";
  if ((deed === "edit" || deed === "propose" || deed === "withdraw") && !one.is_mine) return `这是${one.author}的改动单。`;
  return `你现在不能${DEED_WORDS[deed] ?? "这样做"}。`;
}

/** Files that the folder changed meanwhile and that need a choice. */
export const conflicted = (one: ChangeSet): ChangedFile[] => one.files.filter((file) => file.has_conflict);

/** What happened to a change set, oldest first. */
export function course(one: ChangeSetRow): { at: string; words: string; note: string }[] {
  const steps = [{ at: one.created_at, words: `${one.author}新建`, note: "" }];
  if (one.proposed_at !== null) steps.push({ at: one.proposed_at, words: `${one.author}提交`, note: one.note ?? "" });
  if (one.reviewed_at !== null) {
    const verdict = one.state === "draft" || one.state === "withdrawn" ? "看过" : "批准";
    steps.push({ at: one.reviewed_at, words: `${one.reviewed_by ?? "有人"}${one.state === "draft" ? "退回" : verdict}`, note: one.review_note ?? "" });
  }
  if (one.applied_at !== null) steps.push({ at: one.applied_at, words: `${one.applied_by ?? "有人"}让它生效`, note: one.commit === null ? "" : `提交号 ${one.commit.slice(0, 10)}` });
  return steps.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}
