import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";
import { emergencyContent } from "./build/content.ts";

export default defineConfig({
  plugins: [vue(), emergencyContent()],
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
