import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";
import { emergencyContent } from "./build/content.ts";
import { questionnaireContent } from "./build/questionnaires.ts";

export default defineConfig({
  plugins: [vue(), emergencyContent(), questionnaireContent()],
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
