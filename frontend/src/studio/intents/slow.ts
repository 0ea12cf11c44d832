/** Whether something takes so long that the reader should know why. */
import { onUnmounted, type Ref, ref, watch } from "vue";

const SLOW_MS = 4000;

/** True once the waiting has lasted for seconds; false as soon as it is over. */
export function useSlow(isWaiting: () => boolean): Ref<boolean> {
  const isSlow = ref(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  watch(
    isWaiting,
    (is) => {
      clearTimeout(timer);
      isSlow.value = false;
      if (is) timer = setTimeout(() => (isSlow.value = true), SLOW_MS);
    },
    { immediate: true },
  );
  onUnmounted(() => clearTimeout(timer));
  return isSlow;
}
