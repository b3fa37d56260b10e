import { defineConfig } from "vite";

// The build lands inside the Python package, flat and with hashed names: the server reads it once and serves it as immutable.
export default defineConfig({
  build: {
    outDir: "../wsi_streamer/tiles/static",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false,
    license: { fileName: "licenses.md" }, // of what is bundled; in the wheel beside it, as those licenses ask
    rollupOptions: {
      input: { viewer: "src/viewer.ts", gallery: "src/gallery.ts", style: "src/style.css" },
      output: {
        entryFileNames: "[name]-[hash].js",
        chunkFileNames: "[name]-[hash].js",
        assetFileNames: "[name]-[hash][extname]",
      },
    },
  },
});
