/** Which sentence stands in which intent, read once for a look at pasted lines. */
import { api } from "../api";
import { inDraft } from "../draft";
import type { ExamplePage, IntentList } from "../protocol";
import { sameness } from "./annotations";

const PAGE = 100;
const AT_ONCE = 6;

const pageOf = (name: string, page: number): Promise<ExamplePage> => api.get<ExamplePage>(`intents/${encodeURIComponent(name)}/examples${inDraft({ page })}`);

/** Does the tasks in order of their start, only so many at once. */
async function inTurns(tasks: readonly (() => Promise<void>)[]): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    for (let task = tasks[next++]; task !== undefined; task = tasks[next++]) await task();
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, tasks.length) }, work));
}

/** The intent of every sentence of the folder with the current change set laid over it, by its sameness; throws ApiError. */
export async function loadKnown(list: IntentList): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  const tasks = list.intents.flatMap(({ name, examples }) =>
    Array.from({ length: Math.max(1, Math.ceil(examples / PAGE)) }, (_each, at) => async () => {
      const page = await pageOf(name, at + 1);
      for (const { text } of page.examples) found.set(sameness(text), name);
    }),
  );
  await inTurns(tasks);
  return found;
}
