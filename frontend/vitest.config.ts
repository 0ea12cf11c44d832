import { defineConfig } from "vitest/config";
import { emergencyContent } from "./build/content.ts";

export default defineConfig({
  plugins: [emergencyContent()],
  test: { include: ["tests/**/*.test.ts"], environment: "node" },
});
