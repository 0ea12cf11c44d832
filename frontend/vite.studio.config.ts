import vue from "@vitejs/plugin-vue";
import elementPlus from "unplugin-element-plus/vite";
import { defineConfig } from "vite";
import { OUTPUT, STAFF_TARGET } from "./build/target.ts";

/** The trainers' studio: a bundle of its own beside the widget's and the console's. */
export default defineConfig({
  root: "src/studio",
  base: "/static/studio/",
  publicDir: false,
  plugins: [vue(), elementPlus({})],
  define: {
    __VUE_OPTIONS_API__: "true", // Element Plus has components written that way
    __VUE_PROD_DEVTOOLS__: "false",
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
  },
  build: {
    outDir: `../../${OUTPUT}/studio`,
    emptyOutDir: true,
    target: STAFF_TARGET,
    cssTarget: STAFF_TARGET,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
});
