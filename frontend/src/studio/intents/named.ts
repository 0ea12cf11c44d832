/** What an intent is called beside its name. */
import { intentWord } from "../words";

/** Its Chinese; empty for an intent that only has its name. */
export function wordOf(intent: string): string {
  const word = intentWord(intent);
  return word === intent ? "" : word;
}

/** `sleep_problem 睡不好` */
export function fullName(intent: string): string {
  return `${intent} ${wordOf(intent)}`.trim();
}
