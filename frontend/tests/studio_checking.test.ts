import { describe, expect, it } from "vitest";
import { askedWhole } from "../src/studio/content/checking";
import type { Check } from "../src/studio/protocol";

const part = (isWhole: boolean): Check => ({ issues: [], seconds: 0.1, is_sound: true, is_whole: isWhole });
const noRest = (): Promise<void> => Promise.resolve();

describe("a check that comes in parts", () => {
  it("is asked for again until Rasa's part is there", async () => {
    const answers = [part(false), part(false), part(true), part(true)];
    const told: boolean[] = [];
    await askedWhole(() => Promise.resolve(answers.shift() as Check), (found) => told.push(found.is_whole), () => true, noRest);
    expect([told, answers.length]).toEqual([[false, false, true], 1]);
  });

  it("is not told once a newer one is asked for", async () => {
    let isWanted = true;
    const told: boolean[] = [];
    const ask = (): Promise<Check> => {
      isWanted = told.length === 0;
      return Promise.resolve(part(false));
    };
    await askedWhole(ask, (found) => told.push(found.is_whole), () => isWanted, noRest);
    expect(told).toEqual([false]);
  });

  it("stops asking where Rasa never answers", async () => {
    let asked = 0;
    await askedWhole(() => Promise.resolve(((asked += 1), part(false))), () => undefined, () => true, noRest);
    expect(asked).toBe(20);
  });
});
