/** What is said when a call failed: the gateway's own sentence, or ours; a failed fetch speaks the browser's language. */
export function problemWords(error: unknown, otherwise: string): string {
  const said = error instanceof Error && !(error instanceof TypeError) ? error.message : "";
  return said || otherwise;
}
