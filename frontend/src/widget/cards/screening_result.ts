/** What is fetched when a message brings a result. */
import { styled } from "../screenings/style";
import ScreeningResultCard from "./ScreeningResultCard.vue";

export async function load(): Promise<{ default: typeof ScreeningResultCard }> {
  await styled();
  return { default: ScreeningResultCard };
}
