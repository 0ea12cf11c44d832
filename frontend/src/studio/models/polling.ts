/** Asking again and again while something goes on: every second, ever slower while the gateway does not answer. */
import { onUnmounted, type Ref, ref } from "vue";
import { ApiError, sentence } from "../../staff/api";

const STEP_MS = 1000;
const SLOWEST_MS = 10_000;

/** How long until the next question after so many failures in a row: 1, 2, 4, 8, 10, 10 … seconds. */
export function pauseAfter(failures: number): number {
  return Math.min(SLOWEST_MS, STEP_MS * 2 ** failures);
}

/** Whether the gateway may only be away for a moment: no answer, or that of a gateway that is starting. */
export function isPassing(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 0 || error.status >= 500 || error.status === 429);
}

export interface Polling {
  /** The gateway does not answer just now; what is asked about goes on without it. */
  isAway: Ref<boolean>;
  /** Why there is nothing more to ask, in the gateway's words. */
  problem: Ref<string>;
  start: () => void;
  stop: () => void;
}

/** Asks until `take` says that it has ended; a new `start` forgets the one before. */
export function usePolling<T>(ask: () => Promise<T>, take: (found: T) => boolean): Polling {
  const isAway = ref(false);
  const problem = ref("");
  let timer: ReturnType<typeof setTimeout> | undefined;
  let turn = 0;

  function stop(): void {
    turn += 1;
    clearTimeout(timer);
  }

  async function go(mine: number, failures: number): Promise<void> {
    let next = 0;
    try {
      const found = await ask();
      if (mine !== turn) return;
      isAway.value = false;
      if (take(found)) return;
    } catch (error) {
      if (mine !== turn) return;
      if (!isPassing(error)) {
        problem.value = sentence(error);
        return;
      }
      isAway.value = true;
      next = failures + 1;
    }
    timer = setTimeout(() => void go(mine, next), pauseAfter(next));
  }

  function start(): void {
    stop();
    problem.value = "";
    void go(turn, 0);
  }

  onUnmounted(stop);
  return { isAway, problem, start, stop };
}
