import { fileURLToPath } from "node:url";
import preact from "@preact/preset-vite";
import { defineConfig } from "vitest/config";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  plugins: [preact({ prefreshEnabled: false })],
  // The server serves dist/assets/* under /assets/console/*; the two pages have addresses of their own.
  experimental: {
    renderBuiltUrl: (filename) => `/assets/console/${filename.replace(/^assets\//, "")}`,
  },
  build: {
    target: "es2022",
    // The content security policy admits no inline script and no data: script.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rollupOptions: { input: { index: here("index.html"), portal: here("portal.html") } },
  },
  test: { environment: "node", include: ["test/**/*.test.ts"] },
});
