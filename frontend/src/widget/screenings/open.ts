/** What is fetched when the worker opens 测评. */
import ScreeningsPanel from "./ScreeningsPanel.vue";
import { styled } from "./style";

export async function load(): Promise<typeof ScreeningsPanel> {
  await styled();
  return ScreeningsPanel;
}
