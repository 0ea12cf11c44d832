/** Prints what widget.js and the /embed frame load together, gzipped, and fails above the bar. */
import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { gzipSync } from "node:zlib";

const LIMIT_KB = 45;
const STATIC = resolve(import.meta.dirname, "../../bot/web/static");
const page = resolve(STATIC, "embed.html");

if (!existsSync(page)) {
  console.error("run `npm run build` first");
  process.exit(1);
}

const html = readFileSync(page, "utf8");
const loaded = [...html.matchAll(/(?:src|href)="\/static\/([^"]+\.(?:js|css))"/g)].map((m) => m[1]);
let total = 0;
for (const name of ["widget.js", ...loaded]) {
  const bytes = gzipSync(readFileSync(resolve(STATIC, name)), { level: 9 }).length;
  total += bytes;
  console.log(`${(bytes / 1000).toFixed(2).padStart(8)} KB  ${name}`);
}
console.log(`${(total / 1000).toFixed(2).padStart(8)} KB  together (limit ${LIMIT_KB} KB)`);
process.exit(total > LIMIT_KB * 1000 ? 1 : 0);
