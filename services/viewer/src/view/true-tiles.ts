// OpenSeadragon's WebGL drawer draws many tiles at once, and tells each pixel by a fraction which tile it is of. Its shader
// cuts that fraction where it should round: what graphics arithmetic leaves of 3 may be 2.9999999, and a piece of another
// tile is drawn. Seen in turned views, as triangles at tiles' corners: tissue where there is none.

import OpenSeadragon from "openseadragon";

type MakeProgram = (gl: WebGLRenderingContext, vertexShader: string, fragmentShader: string) => WebGLProgram;

const CUT = "int(v_image_index)";
const ROUNDED = "int(v_image_index + 0.5)";

/** For all viewers of the page that are made afterwards. A shader that reads otherwise is let be. */
export function drawTrueTiles(): void {
  const drawer = OpenSeadragon.WebGLDrawer as unknown as { initShaderProgram: MakeProgram };
  const make = drawer.initShaderProgram;
  drawer.initShaderProgram = (gl, vertexShader, fragmentShader) =>
    make.call(drawer, gl, vertexShader, fragmentShader.replace(CUT, ROUNDED));
}
