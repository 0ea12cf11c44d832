/** The console's door to the gateway: paths are those of docs/console.md without `/api/console/`. */
import { client } from "../staff/api";

export const api = client("/api/console/");
