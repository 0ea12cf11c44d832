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
      const answer = await api.get<Check>(`check${inDraft()}`);
      if (mine !== latest) return;
      found.value = answer;
      problem.value = "";
    } catch (error) {
      if (mine === latest) problem.value = sentence(error);
    }
    if (mine === latest) isChecking.value = false;
  }

  watch(() => draft.id, check, { immediate: true });
  onUnmounted(() => (latest += 1));
  return { found, isChecking, problem, check };
}
