/** The style of all that is fetched with the screenings. */
import { linked } from "../linked";
import address from "../style/screenings.css?url";

export function styled(): Promise<void> {
  return linked(address);
}
