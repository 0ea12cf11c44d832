/** Issues of the check, at the item and step of the open file that they speak of. */
import type { Issue } from "../protocol";
import { findLine, type Item } from "./model";

export interface PlacedIssues {
  /** By item: what belongs to no step of it. */
  ofItem: Map<number, Issue[]>;
  /** By `item:step`. */
  ofStep: Map<string, Issue[]>;
  /** What stands outside every item. */
  others: Issue[];
}

export const stepKey = (item: number, step: number): string => `${item}:${step}`;

function add<K>(map: Map<K, Issue[]>, key: K, issue: Issue): void {
  map.set(key, [...(map.get(key) ?? []), issue]);
}

export function placeIssues(items: readonly Item[], issues: readonly Issue[]): PlacedIssues {
  const placed: PlacedIssues = { ofItem: new Map(), ofStep: new Map(), others: [] };
  for (const issue of issues) {
    const found = issue.line === null ? null : findLine(items, issue.line);
    if (found === null) placed.others.push(issue);
    else if (found.step === null) add(placed.ofItem, found.item, issue);
    else add(placed.ofStep, stepKey(found.item, found.step), issue);
  }
  return placed;
}

/** Errors before warnings, each by its place. */
export function inOrder(issues: readonly Issue[]): Issue[] {
  const rank = (issue: Issue): number => (issue.severity === "error" ? 0 : 1);
  return [...issues].sort((one, two) => rank(one) - rank(two) || one.path.localeCompare(two.path) || (one.line ?? 0) - (two.line ?? 0));
}
