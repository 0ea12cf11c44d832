/** Builds the names of the questionnaires into the console, where one is picked to invite to. */
import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Plugin } from "vite";
import { parse } from "yaml";

const FOLDER = resolve(import.meta.dirname, "../../content/questionnaires");
const MODULE = "virtual:questionnaires";

interface YamlQuestionnaire {
  id: string;
  title: string;
  items: unknown[];
}

/** `{ id, title, count }` of every questionnaire, the shortest first. */
export function questionnaireNames(): { id: string; title: string; count: number }[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith(".yml"))
    .map((name) => parse(readFileSync(resolve(FOLDER, name), "utf8")) as YamlQuestionnaire)
    .map(({ id, title, items }) => ({ id, title, count: items.length }))
    .sort((a, b) => a.count - b.count || a.id.localeCompare(b.id));
}

export function questionnaireContent(): Plugin {
  return {
    name: "xinyi-questionnaires",
    resolveId: (id) => (id === MODULE ? `\0${MODULE}` : null),
    load: (id) => (id === `\0${MODULE}` ? `export const questionnaires = ${JSON.stringify(questionnaireNames())};` : null),
  };
}
