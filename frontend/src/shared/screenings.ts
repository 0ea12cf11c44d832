/** A worker's own screenings as the gateway gives them, and the calls that read or change them. */
import type { DrawnScale } from "./protocol";
import { callMe, type Place } from "./session";

export interface ResultScale extends DrawnScale {
  /** What its band means, in the words the conversation used. */
  means: string[];
}

export interface FinishedRun {
  run_id: string;
  finished_at: string;
  is_invited: boolean;
  /** False while a result on invitation waits to be opened with the counsellor: it has no scales then. */
  is_opened: boolean;
  is_overlapping: boolean;
  shared_at: string | null;
  scales: ResultScale[];
}

export interface Questionnaire {
  id: string;
  name: string;
  title: string;
  purpose: string;
  minutes: number;
  period: string;
  can_begin: boolean;
  is_invited: boolean;
  says: string;
  waiting: { run_id: string; answered: number; of: number } | null;
}

export interface ListedQuestionnaire extends Questionnaire {
  last: FinishedRun | null;
}

export interface QuestionnaireResults extends Questionnaire {
  /** The time asked about, in days; null where the questionnaire names none. */
  days: number | null;
  is_higher_better: boolean;
  source: string;
  licence: string;
  unverified: string[];
  /** Oldest first. */
  runs: FinishedRun[];
}

const ADDRESS = "/api/me/screenings";

export async function listScreenings(place: Place): Promise<ListedQuestionnaire[]> {
  const answer = await callMe(place, ADDRESS, "GET");
  return ((await answer.json()) as { screenings: ListedQuestionnaire[] }).screenings;
}

export async function resultsOf(place: Place, questionnaire: string): Promise<QuestionnaireResults> {
  return (await callMe(place, `${ADDRESS}/${questionnaire}`, "GET")).json() as Promise<QuestionnaireResults>;
}

export async function deleteRun(place: Place, runId: string): Promise<void> {
  await callMe(place, `${ADDRESS}/${runId}`, "DELETE");
}

export async function shareRun(place: Place, runId: string, isShared: boolean): Promise<void> {
  await callMe(place, `${ADDRESS}/${runId}/share`, isShared ? "POST" : "DELETE");
}
