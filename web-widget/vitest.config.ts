import { defineConfig } from "vitest/config";

/** The browser tests share two cores with one Chromium: files run one after the other. */
export default defineConfig({ test: { fileParallelism: false, testTimeout: 12_000, hookTimeout: 30_000 } });
