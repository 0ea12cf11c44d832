/** The list of the inbox as one walks through it: cards of groups, and below an opened one its messages. */
import type { InboxGroup, InboxItem } from "../protocol";

export interface Row {
  key: string;
  group: InboxGroup;
  /** Null for the card itself. */
  item: InboxItem | null;
}

export const groupKey = (id: number): string => `g${id}`;
export const itemKey = (messageId: number): string => `m${messageId}`;

/** In the order of the page; `items` are those of the opened group. */
export function rowsOf(groups: readonly InboxGroup[], openId: number | null, items: readonly InboxItem[]): Row[] {
  return groups.flatMap((group) => [
    { key: groupKey(group.id), group, item: null },
    ...(group.id === openId ? items.map((item) => ({ key: itemKey(item.message_id), group, item })) : []),
  ]);
}

/** The key `step` rows further, held at both ends; without a place yet the first row. Null only where there are no rows. */
export function moved(rows: readonly Row[], key: string | null, step: number): string | null {
  const place = rows.findIndex((row) => row.key === key);
  const next = place < 0 ? 0 : Math.min(Math.max(0, place + step), rows.length - 1);
  return rows[next]?.key ?? null;
}

/** Where one stands after `before` became `after`: the same row, else the next one that is left, else the last one before it. */
export function keptPlace(before: readonly Row[], after: readonly Row[], key: string | null): string | null {
  const left = new Set(after.map((row) => row.key));
  const place = before.findIndex((row) => row.key === key);
  if (place < 0) return after[0]?.key ?? null;
  const further = [...before.slice(place), ...before.slice(0, place).reverse()];
  return further.find((row) => left.has(row.key))?.key ?? null;
}
