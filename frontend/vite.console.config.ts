import vue from "@vitejs/plugin-vue";
import elementPlus from "unplugin-element-plus/vite";
import { defineConfig } from "vite";
import { questionnaireContent } from "./build/questionnaires.ts";
import { OUTPUT, STAFF_TARGET } from "./build/target.ts";

/** The staff's console: a bundle of its own beside the widget's, which knows nothing of it. */
export default defineConfig({
  root: "src/console",
  base: "/static/console/",
  publicDir: false,
  plugins: [vue(), elementPlus({}), questionnaireContent()],
  define: {
    __VUE_OPTIONS_API__: "true", // Element Plus has components written that way
    __VUE_PROD_DEVTOOLS__: "false",
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
  },
  build: {
    outDir: `../../${OUTPUT}/console`,
    emptyOutDir: true,
    target: STAFF_TARGET,
    cssTarget: STAFF_TARGET,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 700,
  },
});
