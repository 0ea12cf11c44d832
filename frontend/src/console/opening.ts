/** Opening a case that is not one's own: the reason is said beforehand, so that the page does not ask for it again. */
import { newCase } from "./case";
import { desk, loadCase } from "./desk";
import type { Row } from "./protocol";
import { router } from "./router";

/** Loads the case for this reason of docs/console.md and shows it; a refusal is told on the case's page. */
export async function openAs(row: Row, reason: "supervision" | "quality"): Promise<void> {
  if (!desk.cases.has(row.id)) desk.cases.set(row.id, newCase(row.id, row));
  const one = desk.cases.get(row.id);
  if (one !== undefined && one.brief === null) await loadCase(one, reason);
  await router.push(`/cases/${row.id}`);
}
