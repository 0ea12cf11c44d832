/** Problems of a text by line and column, as the editor takes them. */
import type { Diagnostic } from "@codemirror/lint";
import type { Text } from "@codemirror/state";

export interface LineIssue {
  /** From 1; null where the whole file is meant, which is shown at its first line. */
  line: number | null;
  column: number | null;
  severity: "error" | "warning";
  message: string;
}

/** Each at its place in the text, by place; a line that is gone by now counts as the last one. */
export function diagnosticsOf(text: Text, issues: readonly LineIssue[]): Diagnostic[] {
  const found = issues.map((issue): Diagnostic => {
    const line = text.line(Math.min(Math.max(1, issue.line ?? 1), text.lines));
    const blank = /^\s*/.exec(line.text)?.[0].length ?? 0;
    const from = Math.min(line.to, line.from + (issue.column === null ? blank : Math.max(0, issue.column - 1)));
    return { from, to: Math.max(from, line.to), severity: issue.severity, message: issue.message };
  });
  return found.sort((a, b) => a.from - b.from);
}
