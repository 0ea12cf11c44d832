/** Names to choose from, found by piece of the name or of what it is called. */

export interface Option {
  name: string;
  /** What people call it, or the first of its words. */
  word: string;
}

const MOST = 60;

/** Options that hold every piece typed, those whose name begins with it first. */
export function findOptions(options: readonly Option[], typed: string): Option[] {
  const pieces = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const holds = ({ name, word }: Option): boolean => pieces.every((piece) => name.toLowerCase().includes(piece) || word.toLowerCase().includes(piece));
  const found = options.filter(holds);
  const [first = ""] = pieces;
  const isFirst = (option: Option): number => (option.name.toLowerCase().startsWith(first) ? 0 : 1);
  return found.sort((one, two) => isFirst(one) - isFirst(two)).slice(0, MOST);
}
