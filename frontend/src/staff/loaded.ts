/** What a page asks the server for: the answer, that it is on its way, or what went wrong; a late answer never replaces a newer one. */
import { onMounted, type Ref, ref, type ShallowRef, shallowRef } from "vue";
import { sentence } from "./api";

export interface Loaded<T> {
  data: ShallowRef<T | null>;
  problem: Ref<string>;
  isLoading: Ref<boolean>;
  reload: () => Promise<void>;
}

/** Asks once the part is shown, and again at each `reload`; the last answer stays visible meanwhile. */
export function useLoaded<T>(ask: () => Promise<T>): Loaded<T> {
  const data = shallowRef<T | null>(null);
  const problem = ref("");
  const isLoading = ref(true);
  let latest = 0;

  async function reload(): Promise<void> {
    latest += 1;
    const mine = latest;
    isLoading.value = true;
    try {
      const found = await ask();
      if (mine !== latest) return;
      data.value = found;
      problem.value = "";
    } catch (error) {
      if (mine === latest) problem.value = sentence(error);
    }
    if (mine === latest) isLoading.value = false;
  }

  onMounted(reload);
  return { data, problem, isLoading, reload };
}
