/** A training or proof as the page follows it: asked for every second while it runs, slower while the gateway is away. */
import { onUnmounted, type Ref, ref, type ShallowRef, shallowRef } from "vue";
import { ApiError } from "../../staff/api";
import { api } from "../api";
import type { Job, JobWithLog } from "../protocol";

export const ENDED: ReadonlySet<Job["state"]> = new Set(["done", "failed", "cancelled"]);

const STEP_MS = 1000;
const SLOWEST_MS = 10_000;
/** As many lines of the log as a page keeps. */
const MOST_LINES = 400;

/** How long until the next question after so many failures in a row: 1, 2, 4, 8, 10, 10 … seconds. */
export function pauseAfter(failures: number): number {
  return Math.min(SLOWEST_MS, STEP_MS * 2 ** failures);
}

/** Whether the gateway may only be away for a moment: no answer, or one of a gateway that is starting. */
export function isPassing(error: unknown): boolean {
  return !(error instanceof ApiError) || error.status === 0 || error.status >= 500;
}

export interface Followed {
  job: ShallowRef<Job | null>;
  log: ShallowRef<string[]>;
  /** The gateway does not answer; the job goes on without it. */
  isAway: Ref<boolean>;
  /** Why there is nothing more to follow, in the gateway's words. */
  problem: Ref<string>;
  follow: (id: number) => void;
  stop: () => void;
}

/** Follows one job at a time until it ends; `whenEnded` is told once. */
export function useJob(whenEnded: (job: Job) => void): Followed {
  const job = shallowRef<Job | null>(null);
  const log = shallowRef<string[]>([]);
  const isAway = ref(false);
  const problem = ref("");
  let timer: ReturnType<typeof setTimeout> | undefined;
  let turn = 0;
  let after = 0;

  function stop(): void {
    turn += 1;
    clearTimeout(timer);
  }

  function take(found: JobWithLog): void {
    const { log: lines, log_end: end, ...rest } = found;
    // A log that became shorter is another log.
    log.value = (end < after ? lines : [...log.value, ...lines]).slice(-MOST_LINES);
    after = end;
    job.value = rest;
    isAway.value = false;
  }

  async function ask(id: number, mine: number, failures: number): Promise<void> {
    let next = failures;
    try {
      const found = await api.get<JobWithLog>(`jobs/${id}?after=${after}`);
      if (mine !== turn) return;
      take(found);
      next = 0;
      if (ENDED.has(found.state)) {
        whenEnded(found);
        return;
      }
    } catch (error) {
      if (mine !== turn) return;
      if (!isPassing(error)) {
        problem.value = error instanceof Error ? error.message : "";
        return;
      }
      isAway.value = true;
      next += 1;
    }
    timer = setTimeout(() => void ask(id, mine, next), pauseAfter(next));
  }

  function follow(id: number): void {
    if (job.value?.id === id && !ENDED.has(job.value.state) && problem.value === "") return;
    stop();
    after = 0;
    log.value = [];
    job.value = null;
    problem.value = "";
    void ask(id, turn, 0);
  }

  onUnmounted(stop);
  return { job, log, isAway, problem, follow, stop };
}
