/** The page around our frame: it learns a number and when to close, and tells us whether we are on show. */
import { asHostSignal, type FrameSignal, hostOriginFrom } from "../shared/panel_messages";

export interface HostPage {
  post(signal: FrameSignal): void;
}

/** Null when this page stands alone, or when who is around us is not who the address says. */
export function hostPage(onShown: (isShown: boolean) => void): HostPage | null {
  if (window.parent === window) return null;
  const origin = hostOriginFrom(location.hash);
  const actual = location.ancestorOrigins?.[0]; // Not in Firefox; there a wrong target is simply not delivered.
  if (origin === null || (actual !== undefined && actual !== origin)) return null;
  window.addEventListener("message", (event) => {
    if (event.origin !== origin || event.source !== window.parent) return;
    const signal = asHostSignal(event.data);
    if (signal !== null) onShown(signal.xinyi === "shown");
  });
  return {
    post(signal) {
      window.parent.postMessage(signal, origin);
    },
  };
}
