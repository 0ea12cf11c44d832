/** The tones of the console, made here: no file to fetch when it matters. */

type Tone = "plain" | "urgent" | "offer";

/** Notes of each tone: hertz, begin and length in seconds. */
const NOTES: Record<Tone, readonly (readonly [number, number, number])[]> = {
  plain: [[660, 0, 0.18], [880, 0.2, 0.28]],
  offer: [[587, 0, 0.16], [784, 0.18, 0.16], [988, 0.36, 0.3]],
  urgent: [[880, 0, 0.16], [698, 0.2, 0.16], [880, 0.4, 0.16], [698, 0.6, 0.16], [880, 0.8, 0.34]],
};
const LOUDNESS = 0.22;

let context: AudioContext | null = null;

/** Browsers let a page sound only after a key or a click: called at each until it works. */
export function unlock(): void {
  context ??= new AudioContext();
  if (context.state === "suspended") void context.resume().catch(() => null);
}

export function canSound(): boolean {
  return context?.state === "running";
}

export function tone(kind: Tone): void {
  if (context === null || context.state !== "running") return;
  for (const [hertz, begin, length] of NOTES[kind]) {
    const from = context.currentTime + begin;
    const source = context.createOscillator();
    const volume = context.createGain();
    source.type = "triangle";
    source.frequency.value = hertz;
    // Short slopes, or each note begins and ends with a click.
    volume.gain.setValueAtTime(0, from);
    volume.gain.linearRampToValueAtTime(LOUDNESS, from + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.001, from + length);
    source.connect(volume).connect(context.destination);
    source.start(from);
    source.stop(from + length + 0.05);
  }
}
