/** The places of the studio in the order of the navigation, and the pages that one opens from them. */
import type { Component } from "vue";

type Page = () => Promise<Component>;

interface PlaceOf {
  path: string;
  title: string;
  page: string;
}

interface NavPlace extends PlaceOf {
  /** Name of the drawn sign in staff/parts/Sign.vue. */
  sign: string;
}

const pages = import.meta.glob<Component>("./pages/*.vue", { import: "default" });

/** The page of this name, fetched when it is opened. */
export const pageOf = (name: string): Page | undefined => pages[`./pages/${name}.vue`];

const isBuilt = (place: PlaceOf): boolean => pageOf(place.page) !== undefined;

export const PLACES: readonly NavPlace[] = [
  { path: "/inbox", title: "收件箱", sign: "inbox", page: "Inbox" },
  { path: "/intents", title: "意图与例句", sign: "intents", page: "Intents" },
  { path: "/stories", title: "故事与规则", sign: "stories", page: "Stories" },
  { path: "/responses", title: "回复", sign: "responses", page: "Responses" },
  { path: "/files", title: "内容", sign: "files", page: "Files" },
  { path: "/change-sets", title: "改动单", sign: "changes", page: "ChangeSets" },
  { path: "/models", title: "模型", sign: "models", page: "Models" },
  { path: "/draft", title: "试着聊", sign: "talk", page: "DraftTalk" },
].filter(isBuilt);

/** Opened from a place; `:id` is given to the page as a prop. */
export const DETAILS: readonly PlaceOf[] = [
  { path: "/conversations/:id", title: "对话", page: "Conversation" },
  { path: "/change-sets/:id(\\d+)", title: "改动单", page: "ChangeSet" },
  { path: "/models/:id", title: "模型对比", page: "Model" },
].filter(isBuilt);
