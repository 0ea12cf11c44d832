/** What is fetched only when the worker opens the menu. */
import { linked } from "../linked";
import address from "../style/menu.css?url";
import ErasedView from "./ErasedView.vue";
import MenuDialog from "./MenuDialog.vue";

export async function load(): Promise<{ ErasedView: typeof ErasedView; MenuDialog: typeof MenuDialog }> {
  await linked(address);
  return { ErasedView, MenuDialog };
}
