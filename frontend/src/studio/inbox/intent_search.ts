/** Intents whose Chinese or own name has what was asked for, those that begin with it first. */
import { intentWord } from "../words";

export function intentsLike(intents: readonly string[], asked: string): string[] {
  const wanted = asked.trim().toLowerCase();
  const place = (intent: string): number => {
    const at = [intentWord(intent).indexOf(wanted), intent.toLowerCase().replace(/_/g, " ").indexOf(wanted.replace(/_/g, " "))].filter((each) => each >= 0);
    return at.length === 0 ? -1 : Math.min(...at);
  };
  const found = intents.map((intent) => ({ intent, at: place(intent) })).filter(({ at }) => at >= 0);
  return found.sort((a, b) => Math.sign(a.at) - Math.sign(b.at)).map(({ intent }) => intent);
}
