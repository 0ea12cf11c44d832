/** The rows of the thread as they are drawn: days, groups of one voice, and what is still on its way. */
import { isApart, isSameDay } from "./days";
import type { Author, MessageFrame } from "./protocol";
import type { Outgoing } from "./thread";

export interface Row {
  key: string;
  author: Author;
  text: string;
  at: Date;
  line: MessageFrame | null;
  outgoing: Outgoing | null;
  startsDay: boolean;
  startsGroup: boolean;
  endsGroup: boolean;
}

function rowOfLine(line: MessageFrame): Row {
  // The page's own id is the key, so that the bubble on the screen stays the same one once it is stored.
  return blank(line.external_id ?? `m${line.id}`, line.author, line.text, line.created_at, line, null);
}

function rowOfOutgoing(item: Outgoing): Row {
  return blank(item.external_id, "worker", item.text, item.created_at, null, item);
}

function blank(
  key: string,
  author: Author,
  text: string,
  createdAt: string,
  line: MessageFrame | null,
  outgoing: Outgoing | null,
): Row {
  const parsed = new Date(createdAt);
  const at = Number.isNaN(parsed.getTime()) ? new Date() : parsed;
  return { key, author, text, at, line, outgoing, startsDay: true, startsGroup: true, endsGroup: true };
}

/** Rows of the newest `limit` messages and everything under way. */
export function rowsOf(lines: MessageFrame[], outbox: Outgoing[], limit: number): Row[] {
  const rows = [...lines.slice(-limit).map(rowOfLine), ...outbox.map(rowOfOutgoing)];
  rows.forEach((row, i) => {
    const before = rows[i - 1];
    if (before === undefined) return;
    row.startsDay = !isSameDay(before.at, row.at);
    const isSameVoice = before.author === row.author && !isApart(before.at, row.at);
    row.startsGroup = !isSameVoice;
    before.endsGroup = !isSameVoice;
  });
  return rows;
}
