/** The check of the whole change set, asked anew after each save; the newest answer wins, the last one stays visible meanwhile. */
import { onUnmounted, type Ref, ref, type ShallowRef, shallowRef, watch } from "vue";
import { sentence } from "../../staff/api";
import { api } from "../api";
import { draft, inDraft } from "../draft";
import type { Check } from "../protocol";

export interface Checking {
  found: ShallowRef<Check | null>;
  isChecking: Ref<boolean>;
  problem: Ref<string>;
  check: () => Promise<void>;
}

const AGAIN_MS = 1500; // between two askings while Rasa still looks
const MOST_ASKINGS = 20; // half a minute; then what is known stands, and says that it is a part

/** Asks until the answer is whole, telling each; ends early once `isWanted` says no. */
export async function askedWhole(
  ask: () => Promise<Check>,
  tell: (found: Check) => void,
  isWanted: () => boolean,
  rest: (milliseconds: number) => Promise<void> = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds)),
): Promise<void> {
  for (let asked = 1; ; asked += 1) {
    const found = await ask();
    if (!isWanted()) return;
    tell(found);
    if (found.is_whole || asked === MOST_ASKINGS) return;
    await rest(AGAIN_MS);
    if (!isWanted()) return;
  }
}

export function useChecking(): Checking {
  const found = shallowRef<Check | null>(null);
  const isChecking = ref(false);
  const problem = ref("");
  let latest = 0;

  async function check(): Promise<void> {
    latest += 1;
    const mine = latest;
    isChecking.value = true;
    try {
      const tell = (answer: Check): void => {
        found.value = answer;
        problem.value = "";
      };
      await askedWhole(() => api.get<Check>(`check${inDraft()}`), tell, () => mine === latest);
    } catch (error) {
      if (mine === latest) problem.value = sentence(error);
    }
    if (mine === latest) isChecking.value = false;
  }

  watch(() => draft.id, check, { immediate: true });
  onUnmounted(() => (latest += 1));
  return { found, isChecking, problem, check };
}
