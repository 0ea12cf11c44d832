/** Where in a paced breath a moment falls. */
import type { BreathingPlan } from "./protocol";

export type Phase = "inhale" | "hold" | "exhale" | "rest";

export const PHASE_WORDS: Record<Phase, string> = {
  inhale: "吸气",
  hold: "屏住",
  exhale: "呼气",
  rest: "停一停",
};

export interface BreathMoment {
  phase: Phase;
  /** Whole seconds left in the phase, for counting down: 4, 3, 2, 1. */
  left: number;
  /** The round, from 1. */
  round: number;
  /** How full the lungs are, 0 to 1, eased. */
  fullness: number;
  /** Of the whole exercise, 0 to 1. */
  progress: number;
  isDone: boolean;
}

const ORDER: Phase[] = ["inhale", "hold", "exhale", "rest"];

/** Seconds one round takes; phases with no time are left out. */
export function roundSeconds(plan: BreathingPlan): number {
  return ORDER.reduce((sum, phase) => sum + Math.max(0, plan[phase]), 0);
}

export function phasesOf(plan: BreathingPlan): Phase[] {
  return ORDER.filter((phase) => plan[phase] > 0);
}

function ease(x: number): number {
  return (1 - Math.cos(Math.PI * x)) / 2;
}

export function breathAt(plan: BreathingPlan, elapsedSeconds: number): BreathMoment {
  const round = roundSeconds(plan);
  const total = round * plan.rounds;
  if (round <= 0 || elapsedSeconds >= total) {
    return { phase: "rest", left: 0, round: plan.rounds, fullness: 0, progress: 1, isDone: true };
  }
  let within = elapsedSeconds % round;
  const base = { round: Math.floor(elapsedSeconds / round) + 1, progress: elapsedSeconds / total, isDone: false };
  for (const phase of ORDER) {
    const seconds = Math.max(0, plan[phase]);
    if (within < seconds) {
      const share = within / seconds;
      const fullness = { inhale: ease(share), hold: 1, exhale: 1 - ease(share), rest: 0 }[phase];
      return { ...base, phase, left: Math.ceil(seconds - within), fullness };
    }
    within -= seconds;
  }
  return { ...base, phase: "rest", left: 1, fullness: 0 };
}
