/** Checkpoints as branches: what ends in one goes on where others begin with it. */
import { parse } from "./model";

export interface Branch {
  path: string;
  item: number;
  name: string;
}

export interface Branches {
  /** By checkpoint: the stories that end in it, and those that begin with it. */
  into: Map<string, Branch[]>;
  from: Map<string, Branch[]>;
}

function add(map: Map<string, Branch[]>, name: string, branch: Branch): void {
  map.set(name, [...(map.get(name) ?? []), branch]);
}

/** `texts` by path; a text that is broken has no branches. */
export function branchesOf(texts: ReadonlyMap<string, string>): Branches {
  const branches: Branches = { into: new Map(), from: new Map() };
  for (const [path, text] of texts) {
    for (const [item, { kind, name, steps }] of parse(text).items.entries()) {
      if (kind !== "story") continue;
      const begun = steps.steps.findIndex(({ step }) => step.kind !== "checkpoint");
      for (const [at, { step }] of steps.steps.entries()) {
        if (step.kind === "checkpoint") add(begun < 0 || at < begun ? branches.from : branches.into, step.name, { path, item, name });
      }
    }
  }
  return branches;
}
