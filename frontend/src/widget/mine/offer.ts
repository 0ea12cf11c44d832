/** What is fetched after the first turns: the quiet question whom to call in danger. */
import { linked } from "../linked";
import address from "../style/mine.css?url";
import ContactOffer from "./ContactOffer.vue";

export async function load(): Promise<{ default: typeof ContactOffer }> {
  await linked(address);
  return { default: ContactOffer };
}
