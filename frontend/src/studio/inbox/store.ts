/** The inbox as this page holds it: what is filtered, the groups that are shown, the opened one, and the message looked at. */
import { reactive } from "vue";
import { query, sentence } from "../../staff/api";
import { api } from "../api";
import type { Colleague, GroupPage, Inbox, InboxGroup, InboxItem, InboxReason, MessageDetail } from "../protocol";
import { keptPlace, moved, type Row, rowsOf } from "./rows";

export interface Filter {
  reason: string;
  state: string;
  assigned: string;
  intent: string;
}

export const NO_FILTER: Filter = { reason: "", state: "open", assigned: "all", intent: "" };

export class InboxStore {
  filter: Filter;
  groups: InboxGroup[] = [];
  totalGroups = 0;
  totalMessages = 0;
  counts: Partial<Record<InboxReason, number>> = {};
  reasons: Partial<Record<InboxReason, string>> = {};
  page = 0;
  isLoading = true;
  hasLoaded = false;
  problem = "";
  openId: number | null = null;
  /** All messages of the opened group that the filter lets through. */
  items: InboxItem[] = [];
  groupProblem = "";
  chosen = new Set<number>();
  /** Key of the row one stands on. */
  place: string | null = null;
  detail: MessageDetail | null = null;
  detailProblem = "";
  staff: Colleague[] = [];
  private asked = 0;
  private askedDetail = 0;

  constructor(filter: Filter) {
    this.filter = { ...filter };
  }

  get rows(): Row[] {
    return rowsOf(this.groups, this.openId, this.items);
  }

  get row(): Row | null {
    return this.rows.find((row) => row.key === this.place) ?? null;
  }

  /** The message that the detail is about: the row's own, or the one that stands for its group. */
  get item(): InboxItem | null {
    const row = this.row;
    return row === null ? null : (row.item ?? row.group.exemplar);
  }

  /** Reads the first page anew, or the next one behind what is shown. */
  async load(isMore = false): Promise<void> {
    this.asked += 1;
    const mine = this.asked;
    const page = isMore ? this.page + 1 : 1;
    this.isLoading = true;
    try {
      const found = await api.get<Inbox>(`inbox${query({ ...this.filter, page })}`);
      if (mine !== this.asked) return;
      const known = new Set(isMore ? this.groups.map((group) => group.id) : []);
      this.groups = [...(isMore ? this.groups : []), ...found.groups.filter((group) => !known.has(group.id))];
      this.totalGroups = found.total_groups;
      this.totalMessages = found.total_messages;
      this.counts = found.counts;
      this.reasons = found.reasons;
      this.page = page;
      this.hasLoaded = true;
      this.problem = "";
      if (!isMore) this.stand();
    } catch (error) {
      if (mine === this.asked) this.problem = sentence(error);
    }
    if (mine === this.asked) this.isLoading = false;
  }

  /** After a fresh first page: where one stood if it is still there, else at the top; an opened group that is gone closes. */
  private stand(): void {
    if (!this.groups.some((group) => group.id === this.openId)) this.close();
    if (this.row === null) this.place = this.rows[0]?.key ?? null;
  }

  async narrow(change: Partial<Filter>): Promise<void> {
    Object.assign(this.filter, change);
    this.close();
    this.place = null;
    this.detail = null;
    await this.load();
  }

  go(key: string | null): void {
    this.place = key;
  }

  step(by: number): string | null {
    this.place = moved(this.rows, this.place, by);
    return this.place;
  }

  close(): void {
    this.openId = null;
    this.items = [];
    this.chosen.clear();
    this.groupProblem = "";
  }

  async open(group: InboxGroup): Promise<void> {
    this.close();
    this.openId = group.id;
    try {
      const items = await this.itemsOf(group.id);
      if (this.openId === group.id) this.items = items;
    } catch (error) {
      if (this.openId === group.id) this.groupProblem = sentence(error);
    }
  }

  /** The messages of a group that the filter lets through, all of them. */
  async itemsOf(groupId: number): Promise<InboxItem[]> {
    if (groupId === this.openId && this.items.length > 0) return this.items;
    const found: InboxItem[] = [];
    for (let page = 1; ; page += 1) {
      const read = await api.get<GroupPage>(`inbox/groups/${groupId}${query({ page })}`);
      found.push(...read.items);
      if (found.length >= read.total || read.items.length === 0) break;
    }
    return found.filter((item) => this.lets(item));
  }

  private lets(item: InboxItem): boolean {
    const { reason, state, intent } = this.filter;
    return (
      (reason === "" || item.reasons.some((each) => each === reason)) && (state === "all" || item.state === state) && (intent === "" || item.intent === intent)
    );
  }

  async look(messageId: number): Promise<void> {
    if (this.detail?.item.message_id === messageId && this.detailProblem === "") return;
    this.askedDetail += 1;
    const mine = this.askedDetail;
    this.detailProblem = "";
    try {
      const found = await api.get<MessageDetail>(`messages/${messageId}`);
      if (mine === this.askedDetail) this.detail = found;
    } catch (error) {
      if (mine === this.askedDetail) this.detailProblem = sentence(error);
    }
  }

  async reread(): Promise<void> {
    const messageId = this.item?.message_id;
    if (messageId === undefined) return;
    this.detail = null;
    await this.look(messageId);
  }

  /** Takes decided messages out of an open list; what is empty then goes, and one stands on the next row. */
  gone(groupId: number, messageIds: readonly number[]): void {
    const before = this.rows;
    const decided = new Set(messageIds);
    this.groups = this.groups.flatMap((group) => {
      if (group.id !== groupId) return [group];
      const left = { ...group, open: group.open - decided.size, size: group.size - decided.size };
      return left.open > 0 ? [this.withExemplar(left, decided)] : [];
    });
    if (this.openId === groupId) {
      this.items = this.items.filter((item) => !decided.has(item.message_id));
      for (const id of decided) this.chosen.delete(id);
    }
    if (!this.groups.some((group) => group.id === groupId)) {
      this.totalGroups -= 1;
      if (this.openId === groupId) this.close();
    }
    this.totalMessages -= decided.size;
    this.place = keptPlace(before, this.rows, this.place);
  }

  private withExemplar(group: InboxGroup, decided: ReadonlySet<number>): InboxGroup {
    if (!decided.has(group.exemplar.message_id)) return group;
    const next = this.items.find((item) => item.state === "open" && !decided.has(item.message_id));
    return next === undefined ? group : { ...group, exemplar: next };
  }

  /** Carries a message's new comment or assignment into every place that shows it. */
  change(messageIds: readonly number[], values: Partial<InboxItem>): void {
    const ids = new Set(messageIds);
    const changed = (item: InboxItem): InboxItem => (ids.has(item.message_id) ? { ...item, ...values } : item);
    this.groups = this.groups.map((group) => ({ ...group, exemplar: changed(group.exemplar) }));
    this.items = this.items.map(changed);
    if (this.detail !== null) this.detail = { ...this.detail, item: changed(this.detail.item) };
  }

  async loadStaff(): Promise<void> {
    this.staff = (await api.get<{ staff: Colleague[] }>("staff")).staff;
  }
}

export const newInbox = (filter: Filter): InboxStore => reactive(new InboxStore(filter)) as InboxStore;
