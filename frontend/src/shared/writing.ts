/** Tells the other side that the worker writes: with the first word, again while it goes on, and once when it stops. */

const AGAIN_MS = 8_000;
const STILL_MS = 6_000;

export class Writing {
  private toldAt: number | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly tell: (isActive: boolean) => void) {}

  /** The field has changed; an empty one is no writing. */
  changed(hasText: boolean): void {
    clearTimeout(this.timer);
    if (!hasText) {
      this.stop();
      return;
    }
    this.timer = setTimeout(() => {
      this.stop();
    }, STILL_MS);
    const now = Date.now();
    if (this.toldAt !== null && now - this.toldAt < AGAIN_MS) return;
    this.toldAt = now;
    this.tell(true);
  }

  stop(): void {
    clearTimeout(this.timer);
    if (this.toldAt === null) return;
    this.toldAt = null;
    this.tell(false);
  }
}
