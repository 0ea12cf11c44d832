/** Decisions on messages: sent, told with a way back, and taken out of the list. */
import { sentence } from "../../staff/api";
import { me } from "../../staff/session";
import { api } from "../api";
import { canEdit, chooseDraft, draft, refreshDraft } from "../draft";
import type { Decided, DecisionKind, InboxGroup, Use } from "../protocol";
import { failed, told } from "../toasts";
import { intentWord } from "../words";
import { decisionOf, type Edits, messagesOf, type Scope } from "./scope";
import type { InboxStore } from "./store";

export interface Wish {
  kind: DecisionKind;
  intent: string | null;
  scope: Scope;
  use: Use;
  edits: Edits | null;
}

interface Done {
  messageIds: number[];
  changeSet: number | null;
}

/** What was done on this page, newest last, for the key u. */
const done: Done[] = [];

const many = (count: number): string => (count === 1 ? "这一条" : `${count} 条`);

function whatWasDone(wish: Wish, found: Decided): string {
  if (wish.kind === "right") return `${many(found.decided)}记成听对了。`;
  if (wish.kind === "dismiss") return `${many(found.decided)}先放一边了。`;
  const where = wish.kind === "not_ours" ? "不归我们管" : `「${intentWord(wish.intent)}」`;
  const kept = wish.use === "train" ? `${found.added} 条例句` : `${found.added} 条留作检验的话`;
  const title = draft.current?.id === found.change_set_id ? `《${draft.current?.title ?? ""}》` : "";
  const into = found.added > 0 ? `，改动单${title}加了 ${kept}` : "，例句里已经有同样的话";
  return `${many(found.decided)}归到${where}${into}。`;
}

/** The change set that took the examples is the one that this tab goes on in. */
async function follow(changeSet: number | null): Promise<void> {
  if (changeSet === null) return;
  await (draft.id === changeSet ? refreshDraft() : chooseDraft(changeSet)).catch(failed);
}

/** Decides; true when the gateway took it. The list and the place in it follow. */
export async function decide(store: InboxStore, group: InboxGroup, messageId: number, wish: Wish): Promise<boolean> {
  try {
    const open = wish.scope === "one" ? [] : await store.itemsOf(group.id);
    const messageIds = messagesOf(wish.scope, messageId, open, store.chosen);
    const changeSet = canEdit() ? draft.id : null;
    const found = await api.post<Decided>("inbox/decisions", decisionOf({ ...wish, messageIds, changeSet }));
    const mine = { messageIds, changeSet: found.change_set_id };
    done.push(mine);
    if (store.filter.state === "open") store.gone(group.id, messageIds);
    else await store.load();
    await follow(found.change_set_id);
    told(whatWasDone(wish, found), () => undo(store, mine));
    return true;
  } catch (error) {
    failed(error);
    return false;
  }
}

/** Takes a decision of this page back, the newest where none is named, with the examples that it added. */
export async function undo(store: InboxStore, which: Done | undefined = done.at(-1)): Promise<void> {
  const place = which === undefined ? -1 : done.indexOf(which);
  const last = done[place];
  if (last === undefined) {
    told("这一页上没有可以撤销的了。");
    return;
  }
  if (await reopen(store, last.messageIds)) done.splice(done.indexOf(last), 1);
  await follow(last.changeSet);
}

/** Puts decided messages back; true when the gateway did. */
export async function reopen(store: InboxStore, messageIds: number[]): Promise<boolean> {
  try {
    const found = await api.post<{ reopened: number }>("inbox/reopen", { message_ids: messageIds });
    told(`撤销了，${many(found.reopened)}又回到收件箱。`);
    store.close();
    await store.load();
    await store.reread();
    return true;
  } catch (error) {
    failed(error);
    return false;
  }
}

/** Gives the messages of this scope to a colleague, or to nobody. */
export async function assign(store: InboxStore, group: InboxGroup, messageId: number, scope: Scope, to: string | null): Promise<void> {
  try {
    const open = scope === "one" ? [] : await store.itemsOf(group.id);
    const messageIds = messagesOf(scope, messageId, open, store.chosen);
    await api.post("inbox/assign", { message_ids: messageIds, to });
    const who = store.staff.find((each) => each.id === to) ?? (to === me().id ? me() : null);
    store.change(messageIds, { assigned_to: to === null ? null : { id: to, name: who?.shown_name ?? "" } });
    told(to === null ? `${many(messageIds.length)}放回去了，谁都可以看。` : `${many(messageIds.length)}交给${to === me().id ? "你自己" : (who?.shown_name ?? "")}了。`);
  } catch (error) {
    failed(error);
  }
}

/** Keeps a comment; the sentence of the failure, empty when it is kept. */
export async function comment(store: InboxStore, messageId: number, words: string): Promise<string> {
  try {
    await api.put(`messages/${messageId}/comment`, { comment: words });
    store.change([messageId], { comment: words.trim() === "" ? null : words.trim() });
    return "";
  } catch (error) {
    return sentence(error);
  }
}
