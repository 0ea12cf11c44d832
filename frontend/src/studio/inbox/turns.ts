/** Choosing turns of a conversation one by one, or a stretch of them. */

/** The turns from `last` to `turn`, both included; only `turn` where nothing was pressed before. */
export function range(all: readonly number[], last: number | null, turn: number): number[] {
  const [from, to] = [last === null ? -1 : all.indexOf(last), all.indexOf(turn)];
  return from < 0 || to < 0 ? [turn] : all.slice(Math.min(from, to), Math.max(from, to) + 1);
}

/** Chooses these turns, or leaves them all where the pressed one was chosen. */
export function pressed(chosen: Set<number>, turns: readonly number[], turn: number): void {
  const isLeaving = chosen.has(turn);
  for (const each of turns) {
    if (isLeaving) chosen.delete(each);
    else chosen.add(each);
  }
}
