/** The way back and forth through the texts of one file; what is typed in one go is one step. */

const TOGETHER_MS = 1200;
const MOST = 200;

export class History {
  private back: string[] = [];
  private forth: string[] = [];
  private typedAt = Number.NEGATIVE_INFINITY;

  constructor(private now: string) {}

  get text(): string {
    return this.now;
  }

  get canUndo(): boolean {
    return this.back.length > 0;
  }

  get canRedo(): boolean {
    return this.forth.length > 0;
  }

  /** Another text; `typedAt` (ms) where it was typed, so that it joins what was typed right before. */
  put(text: string, typedAt: number | null = null): void {
    if (text === this.now) return;
    const isJoined = typedAt !== null && typedAt - this.typedAt < TOGETHER_MS && this.canUndo;
    if (!isJoined) this.back.push(this.now);
    if (this.back.length > MOST) this.back.shift();
    this.forth = [];
    this.now = text;
    this.typedAt = typedAt ?? Number.NEGATIVE_INFINITY;
  }

  undo(): string {
    const text = this.back.pop();
    if (text !== undefined) this.step(this.forth, text);
    return this.now;
  }

  redo(): string {
    const text = this.forth.pop();
    if (text !== undefined) this.step(this.back, text);
    return this.now;
  }

  private step(onto: string[], text: string): void {
    onto.push(this.now);
    this.now = text;
    this.typedAt = Number.NEGATIVE_INFINITY;
  }
}
