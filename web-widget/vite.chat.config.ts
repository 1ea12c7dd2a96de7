import { fileURLToPath } from "node:url";
import { defineConfig } from "vite";

/** `dist/chat.html` and `dist/assets/*`. The server serves the assets below `/assets/widget/`. */
export default defineConfig({
  root: "src/chat",
  build: {
    outDir: fileURLToPath(new URL("dist", import.meta.url)),
    emptyOutDir: false,
    target: "es2022",
    modulePreload: false,
    assetsInlineLimit: 0,
    rolldownOptions: { input: fileURLToPath(new URL("src/chat/chat.html", import.meta.url)) },
  },
  experimental: {
    renderBuiltUrl: (file) => `/assets/widget/${file.replace(/^assets\//, "")}`,
  },
});
