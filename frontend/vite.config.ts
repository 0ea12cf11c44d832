import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";
import { emergencyContent } from "./build/content.ts";
import { plainImports } from "./build/plain_imports.ts";
import { BUILD_TARGET, OUTPUT } from "./build/target.ts";

/** Fetched when asked for: the menu, cards, countries, the side panel, screenings with their chart, all that a human brings. */
const ON_DEMAND =
  /(menu\.ts|MenuDialog|consents\.ts|ConsentSwitches|switches\.css|menu\.css|shared\/countries|ErasedView|cards\/styled|exercises\.css|linked\.ts|problem\.ts|human[./]|mine[./]|writing\.ts|BreathingCard|SafetyPlanCard|breath\.ts|SidePanel|wide\.css|\.html|virtual:countries|screening|BandGauge|Trend|echarts|zrender|tslib)/i;

export default defineConfig({
  base: "/static/",
  plugins: [vue(), plainImports(), emergencyContent()],
  define: {
    __VUE_OPTIONS_API__: "false",
    __VUE_PROD_DEVTOOLS__: "false",
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: "false",
  },
  build: {
    outDir: OUTPUT,
    emptyOutDir: true,
    target: BUILD_TARGET,
    cssTarget: BUILD_TARGET,
    // What a lazy part needs is asked for with it; a list to preload would be bytes of the start (build/plain_imports.ts).
    modulePreload: { polyfill: false, resolveDependencies: () => [] },
    assetsInlineLimit: 0,
    rollupOptions: {
      input: { index: "index.html", embed: "embed.html" },
      // One chunk for all that a page starts with: it compresses better than Vue and ours apart.
      output: { codeSplitting: { groups: [{ name: "start", test: (id: string) => !ON_DEMAND.test(id) }] } },
    },
  },
});
