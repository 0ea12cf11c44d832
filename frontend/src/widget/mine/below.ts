/** What is fetched once something was said: a word on the newest answer, and after the first turns whom to call in danger. */
import { linked } from "../linked";
import address from "../style/mine.css?url";
import BelowThread from "./BelowThread.vue";

export async function load(): Promise<{ default: typeof BelowThread }> {
  await linked(address);
  return { default: BelowThread };
}
