import { defineConfig } from "vite";
import { BUILD_TARGET, OUTPUT } from "./build/target.ts";

/** widget.js: one classic script at a fixed name, run by the host page. */
export default defineConfig({
  publicDir: false,
  build: {
    outDir: OUTPUT,
    emptyOutDir: false,
    target: BUILD_TARGET,
    lib: {
      entry: "src/widget/element.ts",
      name: "XinyiWidget",
      formats: ["iife"],
      fileName: () => "widget.js",
    },
  },
});
