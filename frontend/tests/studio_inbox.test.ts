import { beforeEach, describe, expect, it, vi } from "vitest";
import { deedOf, INBOX_KEYS } from "../src/studio/inbox/keys";
import { keptPlace, moved, rowsOf } from "../src/studio/inbox/rows";
import { decisionOf, messagesOf, nextScope, scopesOf, usualScope } from "../src/studio/inbox/scope";
import { carried, marked, piecesOf, toPoint } from "../src/studio/inbox/spans";
import { InboxStore, NO_FILTER } from "../src/studio/inbox/store";
import { pressed, range } from "../src/studio/inbox/turns";
import { intentsLike } from "../src/studio/inbox/intent_search";
import type { InboxGroup, InboxItem } from "../src/studio/protocol";

function item(message_id: number, values: Partial<InboxItem> = {}): InboxItem {
  return {
    message_id, text: `第${message_id}句`, reasons: ["low_confidence"], intent: "work_stress", confidence: 0.4, level: "none", created_at: "2026-11-30T01:00:00Z",
    state: "open", assigned_to: null, comment: null, decision: null, decided_by: null, ...values,
  };
}

function group(id: number, size: number): InboxGroup {
  return { id, size, open: size, reasons: { low_confidence: size }, exemplar: item(id * 10), newest_at: "2026-11-30T01:00:00Z" };
}

const press = (key: string, values: object = {}) => deedOf({ key, altKey: false, ctrlKey: false, metaKey: false, repeat: false, ...values });

describe("keys of the inbox", () => {
  it("a digit means the intent of that rank", () => {
    expect(press("1")).toEqual({ kind: "intent", place: 0 });
    expect(press("5")).toEqual({ kind: "intent", place: 4 });
    expect(press("6")).toBeNull();
  });

  it("a held key walks on but decides only once", () => {
    expect(press("j", { repeat: true })).toEqual({ kind: "down" });
    expect(press("n", { repeat: true })).toBeNull();
    expect(press("2", { repeat: true })).toBeNull();
  });

  it("keys of the browser and of other programs stay theirs", () => {
    expect(press("r", { ctrlKey: true })).toBeNull();
    expect(press("d", { metaKey: true })).toBeNull();
    expect(press("1", { altKey: true })).toBeNull();
  });

  it("every key that means something is in the list that ? shows", () => {
    const listed = INBOX_KEYS.map(([keys]) => keys).join(" ");
    for (const key of ["j", "k", "Enter", "/", "n", "r", "d", "e", "h", "m", "c", "a", "x", "g", "u"]) {
      expect(press(key), key).not.toBeNull();
      expect(listed).toContain(key);
    }
  });
});

describe("walking through the list", () => {
  const rows = rowsOf([group(1, 3), group(2, 1)], 1, [item(10), item(11)]);

  it("an opened group has its messages below it", () => {
    expect(rows.map((row) => row.key)).toEqual(["g1", "m10", "m11", "g2"]);
  });

  it("stops at both ends and begins at the top", () => {
    expect(moved(rows, null, 1)).toBe("g1");
    expect(moved(rows, "g2", 1)).toBe("g2");
    expect(moved(rows, "g1", -1)).toBe("g1");
    expect(moved([], "g1", 1)).toBeNull();
  });

  it("stands on what comes after a group that is gone, or on the last one", () => {
    const after = rowsOf([group(2, 1)], null, []);
    expect(keptPlace(rows, after, "m10")).toBe("g2");
    expect(keptPlace(rows, rowsOf([group(1, 3)], null, []), "g2")).toBe("g1");
    expect(keptPlace(rows, [], "g2")).toBeNull();
  });
});

describe("whom a decision is about", () => {
  const open = [item(10), item(11), item(12, { state: "done" })];

  it("a card stands for its group, a message for itself or for those chosen", () => {
    expect(usualScope(true, 0, 8)).toBe("group");
    expect(usualScope(false, 0, 8)).toBe("one");
    expect(usualScope(false, 2, 8)).toBe("chosen");
    expect(usualScope(true, 0, 1)).toBe("one");
  });

  it("corrected words belong to the one message", () => {
    expect(scopesOf(8, 2, true)).toEqual(["one"]);
    expect(scopesOf(8, 0, false)).toEqual(["group", "one"]);
    expect(nextScope(["group", "chosen", "one"], "one")).toBe("group");
  });

  it("never takes a message that somebody has decided meanwhile", () => {
    expect(messagesOf("group", 10, open, new Set())).toEqual([10, 11]);
    expect(messagesOf("chosen", 10, open, new Set([11, 12]))).toEqual([11]);
    expect(messagesOf("one", 10, [], new Set())).toEqual([10]);
  });

  const edits = { text: "某人骂我 ", entities: [{ entity: "person", value: "某人", start: 0, end: 2 }], isTextChanged: true, areEntitiesChanged: true };

  it("what teaches carries its words, its use and its change set", () => {
    expect(decisionOf({ kind: "intent", intent: "sleep_problem", messageIds: [10], edits, use: "held_back", changeSet: 3 })).toEqual({
      message_ids: [10], kind: "intent", intent: "sleep_problem", use: "held_back", change_set_id: 3, text: "某人骂我", entities: edits.entities,
    });
  });

  it("several messages never get the words of one, and what teaches nothing carries nothing", () => {
    expect(decisionOf({ kind: "not_ours", intent: null, messageIds: [10, 11], edits, use: "train", changeSet: null })).toEqual({
      message_ids: [10, 11], kind: "not_ours", use: "train",
    });
    expect(decisionOf({ kind: "right", intent: null, messageIds: [10], edits, use: "train", changeSet: 3 })).toEqual({ message_ids: [10], kind: "right" });
  });

  it("words that the model marked and nobody touched are not taken for a trainer's", () => {
    const untouched = { ...edits, isTextChanged: false, areEntitiesChanged: false };
    expect(decisionOf({ kind: "intent", intent: "anxiety", messageIds: [10], edits: untouched, use: "train", changeSet: null })).not.toHaveProperty("entities");
  });
});

describe("marked words", () => {
  it("a selection is kept in points, without the blanks at its ends", () => {
    const found = marked("😀 在某地 上班", [], 3, 7, "place");
    expect(found).toEqual([{ entity: "place", start: 2, end: 5, value: "在某地" }]);
    expect(toPoint("😀在", 2)).toBe(1);
  });

  it("a new mark takes the place of one that it touches", () => {
    const before = marked("三班倒了半年", [], 4, 6, "duration");
    expect(marked("三班倒了半年", before, 3, 6, "time")).toEqual([{ entity: "time", start: 3, end: 6, value: "了半年" }]);
  });

  it("selecting nothing marks nothing", () => {
    expect(marked("三班倒", [], 1, 1, "time")).toEqual([]);
    expect(marked("三 班", [], 1, 2, "time")).toEqual([]);
  });

  it("marks follow the text when it is corrected elsewhere, and go when they are rewritten", () => {
    const span = { entity: "duration", value: "半年", start: 4, end: 6 };
    expect(carried("张三倒了半年", "某人说倒了半年", [{ ...span }])).toEqual([{ ...span, start: 5, end: 7 }]);
    expect(carried("三班倒了半年", "三班倒了半年多", [span])).toEqual([span]);
    expect(carried("三班倒了半年", "三班倒了一年", [span])).toEqual([]);
  });

  it("shows every character once", () => {
    const text = "😀连上七个大夜，睡不实";
    const pieces = piecesOf(text, [{ entity: "duration", value: "七个大夜", start: 3, end: 7 }, { entity: "time", value: "夜", start: 6, end: 7 }]);
    expect(pieces.map((piece) => piece.text).join("")).toBe(text);
    expect(pieces.filter((piece) => piece.entity !== null)).toEqual([{ text: "七个大夜", entity: "duration" }]);
  });
});

describe("what is left after a decision", () => {
  let store: InboxStore;
  beforeEach(() => {
    store = new InboxStore(NO_FILTER);
    store.groups = [group(1, 3), group(2, 1)];
    store.totalGroups = 2;
    store.totalMessages = 4;
    store.openId = 1;
    store.items = [item(10), item(11), item(12)];
    store.place = "m10";
  });

  it("a group that is decided goes, and one stands on the next", () => {
    store.gone(1, [10, 11, 12]);
    expect(store.rows.map((row) => row.key)).toEqual(["g2"]);
    expect([store.place, store.openId, store.totalGroups, store.totalMessages]).toEqual(["g2", null, 1, 1]);
  });

  it("the rest of a group stays, with another message to stand for it", () => {
    store.chosen.add(10);
    store.gone(1, [10]);
    expect(store.groups[0]).toMatchObject({ size: 2, open: 2, exemplar: { message_id: 11 } });
    expect([store.place, store.chosen.size]).toEqual(["m11", 0]);
  });
});

describe("reading a group", () => {
  it("takes all its pages and leaves out what the filter does not let through", async () => {
    const pages = [{ items: [item(1), item(2, { state: "done" })], total: 3, page: 1 }, { items: [item(3, { reasons: ["sample"] })], total: 3, page: 2 }];
    const asked: string[] = [];
    vi.stubGlobal("fetch", (address: string) => {
      asked.push(address);
      return Promise.resolve(new Response(JSON.stringify(pages[asked.length - 1])));
    });
    const store = new InboxStore({ ...NO_FILTER, reason: "low_confidence" });
    expect((await store.itemsOf(7)).map((each) => each.message_id)).toEqual([1]);
    expect(asked).toEqual(["/api/studio/inbox/groups/7?page=1", "/api/studio/inbox/groups/7?page=2"]);
    vi.unstubAllGlobals();
  });
});

describe("choosing turns", () => {
  it("with shift the whole stretch is chosen, or left", () => {
    const chosen = new Set([2]);
    pressed(chosen, range([1, 2, 3, 4], 2, 4), 4);
    expect([...chosen].sort()).toEqual([2, 3, 4]);
    pressed(chosen, range([1, 2, 3, 4], 4, 3), 3);
    expect([...chosen]).toEqual([2]);
    expect(range([1, 2], null, 2)).toEqual([2]);
  });
});

describe("finding an intent", () => {
  it("by its Chinese or its own name, what begins with it first", () => {
    const intents = ["work_stress", "sleep_problem", "report_work_injury", "made_here"];
    expect(intentsLike(intents, "睡")).toEqual(["sleep_problem"]);
    expect(intentsLike(intents, "work")).toEqual(["work_stress", "report_work_injury"]);
    expect(intentsLike(intents, " 没有 ")).toEqual([]);
    expect(intentsLike(intents, "")).toEqual(intents);
  });
});
