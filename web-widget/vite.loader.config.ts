import { defineConfig } from "vite";

/** `dist/widget.js`: one classic script without dependencies, as small as can be, for other people's pages. */
export default defineConfig({
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false,
    lib: { entry: "src/loader/loader.ts", formats: ["iife"], name: "BatonLoader", fileName: () => "widget.js" },
  },
});
