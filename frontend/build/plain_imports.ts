/** Lazy parts bring no styles of their own, so Vite's 1 KB helper that preloads them is left out. */
import type { Plugin } from "vite";

export function plainImports(): Plugin {
  return {
    name: "xinyi-plain-imports",
    enforce: "pre",
    load: (id) =>
      id === "\0vite/preload-helper.js" ? "export const __vitePreload = (load) => load();" : null,
  };
}
