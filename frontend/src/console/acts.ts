/** What a counsellor does with a case: one call each, the answer taken into the desk, every failure told. */
import { ElMessage } from "element-plus";
import { reactive } from "vue";
import { api } from "./api";
import { sentence } from "../staff/api";
import { desk, loadBrief, takeRow } from "./desk";
import type { Canned, Contact, Counsellor, Level, Note, Outcome, Row } from "./protocol";
import { levelWord } from "../staff/words";

export type DialogKind = "release" | "transfer" | "assign" | "level" | "screening" | "act" | "close" | "mark";

/** The one dialog that is open, over which case, and the bubble that it is about. */
export const dialog: { kind: DialogKind | null; caseId: number; messageId: number } = reactive({
  kind: null, caseId: 0, messageId: 0,
});

export function ask(kind: DialogKind | null, caseId: number, messageId = 0): void {
  Object.assign(dialog, { kind, caseId, messageId });
}

const told = (text: string): void => {
  ElMessage({ message: text, type: "success", grouping: true });
};

export function failed(error: unknown): void {
  ElMessage({ message: sentence(error), type: "error", duration: 6000, grouping: true });
}

const path = (id: number, deed: string): string => `cases/${id}/${deed}`;

async function refresh(id: number): Promise<void> {
  const one = desk.cases.get(id);
  if (one !== undefined) await loadBrief(one);
}

/** True when this counsellor has the case now. */
export async function accept(id: number): Promise<boolean> {
  try {
    takeRow(await api.post<Row>(path(id, "accept")));
    if (desk.offer?.caseId === id) desk.offer = null;
    return true;
  } catch (error) {
    failed(error);
    return false;
  }
}

export async function decline(id: number): Promise<void> {
  try {
    await api.post(path(id, "decline"));
    if (desk.offer?.caseId === id) desk.offer = null;
  } catch (error) {
    failed(error);
  }
}

/* The calls below are made by dialogs, which show the error beside the form. */

export async function release(id: number, reason: string): Promise<void> {
  takeRow(await api.post<Row>(path(id, "release"), { reason }));
  told("已交还小程序助手。");
}

export async function transfer(id: number, to: string | null, reason: string): Promise<void> {
  takeRow(await api.post<Row>(path(id, "transfer"), { to, reason }));
  told("已转出。");
}

export async function assign(id: number, to: string, reason: string): Promise<void> {
  takeRow(await api.post<Row>(path(id, "assign"), { to, reason }));
  told("已分配。");
}

export async function setLevel(id: number, level: Level, reason: string): Promise<void> {
  const found = await api.post<{ level: Level; is_waiting_for_second: boolean }>(path(id, "level"), { level, reason });
  if (found.is_waiting_for_second) {
    ElMessage({ message: "已记下。从最紧急的等级往下调，要第二位同事也确认才生效。", type: "warning", duration: 8000 });
  } else told(`等级现在是「${levelWord(found.level)}」。`);
  await refresh(id);
}

export interface Closing {
  outcome: Outcome | null;
  level_after: Level | null;
  summary: string;
  referral: string;
  follow_ups: { assigned_to: string; due_at: string }[];
}

export async function close(id: number, closing: Closing): Promise<void> {
  takeRow(await api.post<Row>(path(id, "close"), closing));
  told("已结束，对话回到小程序助手。");
}

export async function addNote(id: number, text: string): Promise<void> {
  const note = await api.post<Note>(path(id, "notes"), { text });
  const brief = desk.cases.get(id)?.brief;
  if (brief) brief.notes = [...brief.notes, note];
}

export async function act(id: number, kind: "contacted_emergency_contact" | "called_emergency", reason: string): Promise<Contact | null> {
  const found = await api.post<{ contact?: Contact | null } | null>(path(id, "acts"), { act: kind, reason });
  await refresh(id);
  return found?.contact ?? null;
}

export async function invite(id: number, questionnaire: string): Promise<void> {
  await api.post(path(id, "screening"), { questionnaire });
  told("邀请发出去了，做不做由对方决定。");
  await refresh(id);
}

/** The result of an invited run is looked at together: from now on the worker's own page shows it too. */
export async function openResult(id: number, runId: string): Promise<void> {
  try {
    await api.post(path(id, `screenings/${runId}/open`));
    told("对方现在也能看到这份结果了。");
    await refresh(id);
  } catch (error) {
    failed(error);
  }
}

export async function mark(
  id: number, messageId: number, verdict: "missed" | "false_alarm", expected: Level | null, note: string,
): Promise<void> {
  await api.post(path(id, "marks"), { message_id: messageId, verdict, expected, note });
  told("记下了，会进筛查的回归测试。");
}

/** The program took this message wrongly; true when that is kept. */
export async function flag(id: number, messageId: number): Promise<boolean> {
  try {
    await api.post(path(id, "flags"), { message_id: messageId });
    told("记下了，训练师会去看这一句。");
    return true;
  } catch (error) {
    failed(error);
    return false;
  }
}

let replies: Promise<Canned[]> | null = null;

/** The prepared replies, fetched once; after a failure the next call tries again. */
export function cannedReplies(): Promise<Canned[]> {
  replies ??= api.get<{ replies: Canned[] }>("canned").then(
    (found) => found.replies,
    (error: unknown) => {
      replies = null;
      throw error;
    },
  );
  return replies;
}

export async function counsellors(): Promise<Counsellor[]> {
  return (await api.get<{ counsellors: Counsellor[] }>("counsellors")).counsellors;
}
