import { defineConfig } from "vitest/config";

// `LOOK=1` takes screenshots instead of testing.
export default defineConfig({
  root: import.meta.dirname,
  test: {
    include: process.env.LOOK ? ["look.ts"] : ["*.test.ts"],
    testTimeout: 120_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
