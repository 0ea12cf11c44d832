/** Cuts a text at the words that made the screen look up, so that they can be marked; pure. */

export interface Piece {
  text: string;
  isCue: boolean;
}

/** Every character of the text once, in order; overlapping cues are one piece. */
export function pieces(text: string, words: readonly string[]): Piece[] {
  const marked = new Array<boolean>(text.length).fill(false);
  for (const word of words) {
    if (word === "") continue;
    for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + word.length)) marked.fill(true, at, at + word.length);
  }
  const found: Piece[] = [];
  for (let i = 0; i < text.length; i += 1) {
    const isCue = marked[i] ?? false;
    const last = found.at(-1);
    if (last !== undefined && last.isCue === isCue) last.text += text.charAt(i);
    else found.push({ text: text.charAt(i), isCue });
  }
  return found;
}
