/** A training or proof as the page follows it, with the end of its log. */
import { type Ref, ref, type ShallowRef, shallowRef } from "vue";
import { api } from "../api";
import type { Job, JobWithLog } from "../protocol";
import { usePolling } from "./polling";

export const ENDED: ReadonlySet<Job["state"]> = new Set(["done", "failed", "cancelled"]);

/** As many lines of the log as a page keeps. */
const MOST_LINES = 400;

/** The lines so far with those that came; a log that became shorter is another log. */
export function joined(lines: readonly string[], after: number, found: Pick<JobWithLog, "log" | "log_end">): string[] {
  return (found.log_end < after ? [...found.log] : [...lines, ...found.log]).slice(-MOST_LINES);
}

export interface Followed {
  job: ShallowRef<Job | null>;
  log: ShallowRef<string[]>;
  isAway: Ref<boolean>;
  problem: Ref<string>;
  /** Follows this job from now on, until it ends. */
  follow: (id: number) => void;
}

/** Follows one job at a time; `whenEnded` is told once of each. */
export function useJob(whenEnded: (job: Job) => void): Followed {
  const job = shallowRef<Job | null>(null);
  const log = shallowRef<string[]>([]);
  const following = ref<number | null>(null);
  let after = 0;

  function take(found: JobWithLog): boolean {
    log.value = joined(log.value, after, found);
    after = found.log_end;
    job.value = found;
    if (!ENDED.has(found.state)) return false;
    following.value = null;
    whenEnded(found);
    return true;
  }

  const polling = usePolling(() => api.get<JobWithLog>(`jobs/${following.value ?? 0}?after=${after}`), take);

  function follow(id: number): void {
    if (following.value === id) return;
    following.value = id;
    after = 0;
    log.value = [];
    job.value = null;
    polling.start();
  }

  return { job, log, isAway: polling.isAway, problem: polling.problem, follow };
}
