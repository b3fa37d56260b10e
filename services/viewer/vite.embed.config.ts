import { defineConfig } from "vite";

// The module for other people's pages: one file that imports nothing, beside the rest of the build.
export default defineConfig({
  build: {
    outDir: "../wsi_streamer/web/static",
    emptyOutDir: false,
    target: "es2022",
    modulePreload: false,
    rollupOptions: {
      input: { embed: "src/embed/tile-source.ts" },
      preserveEntrySignatures: "strict",
      output: { entryFileNames: "[name]-[hash].js" },
    },
  },
});
