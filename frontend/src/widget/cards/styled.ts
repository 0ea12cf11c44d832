/** What is fetched when a message brings an exercise or the plan. */
import { linked } from "../linked";
import address from "../style/exercises.css?url";
import BreathingCard from "./BreathingCard.vue";
import SafetyPlanCard from "./SafetyPlanCard.vue";

export async function breathing(): Promise<{ default: typeof BreathingCard }> {
  await linked(address);
  return { default: BreathingCard };
}

export async function safetyPlan(): Promise<{ default: typeof SafetyPlanCard }> {
  await linked(address);
  return { default: SafetyPlanCard };
}
