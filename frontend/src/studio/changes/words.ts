/** Why a deed at a change set is not open to this account now, and what happened to it so far. */
import type { Role } from "../../staff/protocol";
import type { ChangedFile, ChangeSet, ChangeSetRow, ChangeSetState, Deed } from "../protocol";

export const TONES: Record<ChangeSetState, string> = { draft: "", proposed: "is-warning", reviewed: "is-good", applied: "is-good", withdrawn: "" };

export const FILE_STATES: Record<ChangedFile["state"], string> = { changed: "改了", new: "新文件", deleted: "删掉" };

function byState(deed: Deed, one: ChangeSetRow): string {
  const { state } = one;
  if (state === "applied") return "已经写进训练目录了。要改回来，另开一张改动单。";
  if (state === "withdrawn") return "已经收回了。";
  if (deed === "propose" && state !== "draft") return state === "proposed" ? "已经提交，在等另一个人看。" : "已经有人通过了。";
  if (deed === "review" && state === "draft") return "作者提交以后才能看。";
  if (deed === "apply" && state === "draft") return "先提交，另一个人通过以后才能写入。";
  if (deed === "apply" && state === "proposed") return "要等另一个人通过以后才能写入。";
  return "";
}

/** Why this deed is not open, in a sentence; empty when it is. */
export function whyNot(deed: Deed, one: ChangeSetRow): string {
  if (one.may.includes(deed)) return "";
  const why = byState(deed, one);
  if (why !== "") return why;
  if (deed === "review" && one.is_mine) return "自己的改动要请另一个人看。";
  if (!one.is_mine && (deed === "edit" || deed === "propose" || deed === "withdraw")) return `这是${one.author}的改动单，只有本人能动。`;
  return "你这个账号现在不能这样做。";
}

/** Why this account can't approve, though it may return; empty when it can. */
export function whyNotApprove(one: ChangeSetRow, role: Role): string {
  return one.is_clinical && role !== "clinician" ? "里面有临床内容，要请临床审核的同事来通过。你可以退回，写明要改什么。" : "";
}

/** Files that the folder changed meanwhile and that need a choice. */
export const conflicted = (one: ChangeSet): ChangedFile[] => one.files.filter((file) => file.has_conflict);

export interface Happening {
  at: string;
  words: string;
  note: string;
}

/** What happened to a change set, oldest first. */
export function course(one: ChangeSetRow): Happening[] {
  const steps: Happening[] = [{ at: one.created_at, words: `${one.author}新开`, note: "" }];
  if (one.proposed_at !== null) steps.push({ at: one.proposed_at, words: `${one.author}提交`, note: one.note ?? "" });
  if (one.reviewed_at !== null) {
    const isReturned = one.state === "draft" || (one.state === "withdrawn" && one.review_note !== "");
    steps.push({ at: one.reviewed_at, words: `${one.reviewed_by ?? "有人"}${isReturned ? "退回" : "通过"}`, note: one.review_note ?? "" });
  }
  if (one.applied_at !== null) steps.push({ at: one.applied_at, words: `${one.applied_by ?? "有人"}写入`, note: one.commit === null ? "" : `提交号 ${one.commit.slice(0, 10)}` });
  return steps.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}
