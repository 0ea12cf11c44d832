/** The confusion matrix made small enough to read: only labels that are taken for one another. */
import type { Comparison } from "../protocol";

export interface Cell {
  /** Place of the true intent and of the one that was said, among `labels`. */
  truth: number;
  said: number;
  old: number;
  fresh: number;
}

export interface SmallMatrix {
  labels: string[];
  /** Every pair of different labels that was confused before or is now. */
  cells: Cell[];
  most: number;
}

type Confusion = Comparison["confusion"];

const at = (rows: readonly (readonly number[])[] | null, truth: number, said: number): number => rows?.[truth]?.[said] ?? 0;

/** Rows are the true intent, columns what was said. At most `most` labels: those with the most confusions. */
export function small(confusion: Confusion, most = 24): SmallMatrix {
  const { labels, old, new: fresh } = confusion;
  const weights = labels.map(() => 0);
  labels.forEach((_truth, truth) => {
    labels.forEach((_said, said) => {
      if (truth === said) return;
      const count = Math.max(at(old, truth, said), at(fresh, truth, said));
      weights[truth] = (weights[truth] ?? 0) + count;
      weights[said] = (weights[said] ?? 0) + count;
    });
  });
  const heaviest = labels.map((_label, place) => place).filter((place) => (weights[place] ?? 0) > 0);
  heaviest.sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0));
  const kept = heaviest.slice(0, most).sort((a, b) => a - b);
  const cells: Cell[] = [];
  kept.forEach((truth, row) => {
    kept.forEach((said, column) => {
      const cell = { truth: row, said: column, old: at(old, truth, said), fresh: at(fresh, truth, said) };
      if (truth !== said && (cell.old > 0 || cell.fresh > 0)) cells.push(cell);
    });
  });
  return { labels: kept.map((place) => labels[place] ?? ""), cells, most: Math.max(1, ...cells.flatMap((cell) => [cell.old, cell.fresh])) };
}

/** The sentences of the comparison that belong to one confusion: of one intent, taken for another now or before. */
export function sentencesOf(comparison: Pick<Comparison, "better" | "worse">, truth: string, said: string): { text: string; isWorse: boolean }[] {
  return [
    ...comparison.worse.filter((line) => line.intent === truth && line.new === said).map((line) => ({ text: line.text, isWorse: true })),
    ...comparison.better.filter((line) => line.intent === truth && line.old === said).map((line) => ({ text: line.text, isWorse: false })),
  ];
}
