// The drawer of machines without a graphics processor: tiles end where device pixels do.
//
// OpenSeadragon's own canvas drawer makes each tile a pixel larger than it is, which hides seams and stretches what is in it:
// at 1:1 no pixel would be the slide's. Edges that are rounded alike for both neighbours leave no seam either. In turned
// views there are no such edges, and its way is kept.

import OpenSeadragon from "openseadragon";

import { snapped } from "./snapped";

/** What its type leaves out. */
interface Drawer {
  draw(images: readonly OpenSeadragon.TiledImage[]): void;
}

const draw = (OpenSeadragon.CanvasDrawer.prototype as unknown as Drawer).draw;

class ExactCanvas extends OpenSeadragon.CanvasDrawer {
  minimumOverlapRequired(): boolean {
    return this.viewport.getRotation(true) !== 0;
  }

  draw(images: readonly OpenSeadragon.TiledImage[]): void {
    if (!this.minimumOverlapRequired()) {
      for (const { tile } of images.flatMap((image) => image.getTilesToDraw())) snap(tile);
    }
    draw.call(this as unknown as Drawer, images);
  }
}

function snap(tile: OpenSeadragon.Tile): void {
  if (tile.position === null || tile.size === null) return;
  const { from, size } = snapped(tile.position, tile.size, OpenSeadragon.pixelDensityRatio);
  tile.position = new OpenSeadragon.Point(from.x, from.y);
  tile.size = new OpenSeadragon.Point(size.x, size.y);
}

/** As OpenSeadragon takes them, the best first. */
export type Drawers = OpenSeadragon.Options["drawer"] & object;

/** Names that renderers without a graphics processor give themselves: Chromium's, Mesa's, Windows' and macOS'. */
const IMITATION = /swiftshader|llvmpipe|softpipe|basic render|software/i;

/**
 * What draws pictures here, the best first. WebGL that is only imitated by the processor takes a tenth of a second for a
 * frame, and the plain canvas is the faster.
 */
export function drawers(): Drawers {
  return hasGraphicsProcessor() ? ["webgl", ExactCanvas] : [ExactCanvas];
}

function hasGraphicsProcessor(): boolean {
  const context = document.createElement("canvas").getContext("webgl", { failIfMajorPerformanceCaveat: true });
  if (context === null) return false;
  // Not all browsers tell of that caveat, and some give the name to those alone who ask for this.
  const info = context.getExtension("WEBGL_debug_renderer_info");
  const name = String(context.getParameter(info?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER));
  context.getExtension("WEBGL_lose_context")?.loseContext(); // browsers have few contexts
  return !IMITATION.test(name);
}
