/** How long to wait before the next attempt to connect. */

export const FIRST_WAIT_MS = 800;
export const LONGEST_WAIT_MS = 30_000;

/**
 * Milliseconds before attempt number `attempt` (0 is the first retry): doubles up to a ceiling, and the
 * upper half is random, so that many pages do not come back in the same instant.
 */
export function waitBefore(attempt: number, random: () => number, floorMs = FIRST_WAIT_MS): number {
  const ceiling = Math.min(LONGEST_WAIT_MS, floorMs * 2 ** Math.min(attempt, 16));
  return Math.round(ceiling / 2 + (ceiling / 2) * random());
}
