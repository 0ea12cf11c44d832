/** The studio's door to the gateway: paths are those of docs/studio.md without `/api/studio/`. */
import { client } from "../staff/api";

export const api = client("/api/studio/");
