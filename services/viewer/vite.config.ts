import { readFileSync } from "node:fs";
import { defineConfig, type Plugin } from "vite";

// Swagger UI goes along as it is, not as part of the bundle: its bundle is finished, and would share chunks with the viewer.
const swaggerUi: Plugin = {
  name: "swagger-ui",
  generateBundle() {
    const file = (name: string) => readFileSync(`node_modules/swagger-ui-dist/${name}`, "utf8");
    // Without their last line, which names a source map.
    for (const [name, from] of [
      ["swagger.js", "swagger-ui-bundle.js"],
      ["swagger.css", "swagger-ui.css"],
    ] as const) {
      const source = file(from).replace(/\n?(\/\/|\/\*)# sourceMappingURL=.*$/, "\n");
      this.emitFile({ type: "asset", name, source });
    }
    const licenses = ["NOTICE", "LICENSE", "swagger-ui-bundle.js.LICENSE.txt"].map(file).join("\n\n");
    this.emitFile({ type: "asset", fileName: "licenses-swagger-ui.txt", source: licenses });
  },
};

// OpenSeadragon's shader cuts the number of a tile's texture, which was interpolated, down to a whole one: of a turned picture half
// a tile is then another tile's (2.9999 is 2), as was seen with Chromium's software renderer at 33°. Rounding is what is meant.
const wholeTiles: Plugin = {
  name: "openseadragon-whole-tiles",
  transform(code, id) {
    if (!/openseadragon(\.min)?\.js$/.test(id)) return null;
    const [cut, round] = ["int(v_image_index)", "int(v_image_index + 0.5)"];
    if (code.split(cut).length !== 2) this.error("OpenSeadragon's shader is another: is this still needed?");
    return { code: code.replace(cut, round), map: null };
  },
};

// The build lands inside the Python package, flat and with hashed names: the server reads it once and serves it as immutable.
export default defineConfig({
  plugins: [swaggerUi, wholeTiles],
  build: {
    outDir: "../wsi_streamer/web/static",
    emptyOutDir: true,
    target: "es2022",
    modulePreload: false, // the server names them in the page: see manifest
    manifest: "manifest.json",
    license: { fileName: "licenses.md" }, // of what is bundled; in the wheel beside it, as those licenses ask
    rollupOptions: {
      input: {
        viewer: "src/pages/view.ts",
        gallery: "src/pages/gallery.ts",
        schema: "src/pages/schema.ts",
        "sign-in": "src/pages/sign-in.ts",
        style: "src/styles/style.css",
      },
      output: {
        entryFileNames: "[name]-[hash].js",
        chunkFileNames: "[name]-[hash].js",
        assetFileNames: "[name]-[hash][extname]",
      },
    },
  },
});
