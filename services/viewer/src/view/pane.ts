// One slide on the screen: its picture, a layer for what is drawn over it, its scale bar, and where everything is.

import OpenSeadragon from "openseadragon";

import type { OpenSlide } from "../api/open-slide";
import { FailedTiles } from "../tiles/failed-tiles";
import { pixelAspect } from "../tiles/geometry";
import { SlideTiles } from "../tiles/slide-tiles";
import type { TileWatcher } from "../tiles/tile-loader";
import { element } from "../ui/dom";
import { Signal } from "../ui/signal";
import type { Drawers } from "./exact-canvas";
import type { Look } from "./look";
import { animationTime, isCalm } from "./motion";
import { type Adjustment, NEUTRAL } from "./picture-adjust";
import type { Point } from "./point";
import { addScaleBar } from "./scale-bar";
import { words } from "./words";

export class Pane {
  readonly element: HTMLElement;
  /** Over the picture, of the same size, and taking no pointer: its children take theirs. */
  readonly layer = element("div", { class: "pane-layer" });
  readonly viewer: OpenSeadragon.Viewer;
  /** Each frame in which the picture has moved, and once when it is first there. */
  readonly moved = new Signal();
  /** It was told to look elsewhere, and has taken all of that in; before `moved`. */
  readonly placed = new Signal();
  readonly failed = new FailedTiles();
  /** How the picture is shown; pixels that are copied are to be changed by its `lut`. */
  adjustment: Adjustment = NEUTRAL;
  /** Where to look once the slide is there. */
  #first: Look | null = null;
  #isPlacing = false;
  /** OpenSeadragon is told of square pixels: it counts so many of them to one of the slide's, downwards. */
  readonly #aspect: number;

  /** It becomes a child of `parent` at once: what has no size can't be filled. */
  constructor(
    readonly slide: OpenSlide,
    watcher: TileWatcher,
    parent: HTMLElement,
    drawers: Drawers,
  ) {
    this.#aspect = pixelAspect(slide.metadata.mpp);
    const picture = element("div", { class: "picture" });
    this.element = element("section", { class: "pane", "aria-label": slide.name }, picture, this.layer);
    parent.append(this.element);
    this.viewer = openSeadragon(picture, slide, watcher, drawers);
    ownSize(this.viewer.viewport);
    this.failed.watch(this.viewer);
    this.failed.watch(this.viewer.navigator);
    this.viewer.addHandler("open", () => {
      if (this.#first !== null) this.lookAt(this.#first, true);
      this.#first = null;
    });
    for (const event of ["open", "animation", "resize", "rotate", "flip", "update-viewport"] as const) {
      this.viewer.addHandler(event, () => {
        if (!this.#isPlacing) this.moved.emit();
      });
    }
    addScaleBar(this);
  }

  /** Where a place on the screen (CSS pixels from the pane's corner) is on the slide (pixels of level 0). */
  toSlide(place: Point): Point {
    const at = this.viewer.viewport.viewerElementToImageCoordinates(this.#unflipped(place));
    return { x: at.x, y: at.y / this.#aspect };
  }

  /** The inverse of `toSlide`. */
  toScreen(place: Point): Point {
    const square = new OpenSeadragon.Point(place.x, place.y * this.#aspect);
    const at = this.#unflipped(this.viewer.viewport.imageToViewerElementCoordinates(square));
    return { x: at.x, y: at.y };
  }

  /** OpenSeadragon draws mirrored, and reckons as if it did not. */
  #unflipped(place: Point): OpenSeadragon.Point {
    const { viewport } = this.viewer;
    return new OpenSeadragon.Point(viewport.getFlip() ? viewport.getContainerSize().x - place.x : place.x, place.y);
  }

  /** Pixels of level 0 that are one CSS pixel wide; where pixels are not square, as many are not one high. */
  get downsample(): number {
    const { viewport } = this.viewer;
    return this.slide.metadata.width / (viewport.getContainerSize().x * viewport.getZoom(true));
  }

  /** Zooms around the middle, so that `downsample` becomes this. */
  setDownsample(downsample: number): void {
    const { viewport } = this.viewer;
    viewport.zoomTo(viewport.getZoom(true) * (this.downsample / downsample));
    viewport.applyConstraints();
  }

  /** µm a CSS pixel; null where the slide does not tell. */
  get micronsPerPixel(): number | null {
    const { mpp } = this.slide.metadata;
    return mpp === null ? null : mpp.x * this.downsample;
  }

  /** CSS pixels. */
  get size(): { readonly width: number; readonly height: number } {
    const size = this.viewer.viewport.getContainerSize();
    return { width: size.x, height: size.y };
  }

  get isOpen(): boolean {
    return this.viewer.world.getItemCount() > 0;
  }

  /** Where it looks in this frame. */
  look(): Look {
    const { viewport } = this.viewer;
    const center = this.toSlide({ x: this.size.width / 2, y: this.size.height / 2 });
    const rotation = OpenSeadragon.positiveModulo(viewport.getRotation(true), 360);
    return { ...center, downsample: this.downsample, rotation, flipped: viewport.getFlip() };
  }

  /** Look elsewhere, exactly there: nothing is moved to where OpenSeadragon would rather have it. */
  lookAt(look: Look, immediately: boolean): void {
    if (!this.isOpen) {
      this.#first = look;
      return;
    }
    const { viewport } = this.viewer;
    // Both ways by what is on the screen now, so that only the slide's own geometry is left.
    const center = viewport.pointFromPixel(this.#unflipped(this.toScreen(look)), true);
    // Each step is an event; who listens is told once, of the whole: half a look is nobody's.
    this.#isPlacing = true;
    viewport.setFlip(look.flipped);
    viewport.setRotation(look.rotation, immediately);
    const { width } = this.slide.metadata;
    viewport.zoomTo(width / (this.size.width * look.downsample), undefined, immediately);
    viewport.panTo(center, immediately);
    this.#isPlacing = false;
    this.placed.emit();
    this.moved.emit();
  }

  /** Whether it is on its way to where it was told to look: not all of `look` is true yet. */
  get isPlacing(): boolean {
    return this.#isPlacing;
  }

  destroy(): void {
    this.viewer.destroy();
    this.element.remove();
  }
}

/**
 * OpenSeadragon puts a <style> into the page unless it finds its own, and the page's CSP allows none. An element of that
 * name in no known namespace is found, and means nothing to the browser.
 */
function keepStylesOut(): void {
  if (document.querySelector("[data-openseadragon-mobile-css]") !== null) return;
  const marker = document.createElementNS("urn:wsi-streamer", "style");
  marker.setAttribute("data-openseadragon-mobile-css", "");
  document.head.append(marker);
}

/** OpenSeadragon's viewer and viewport begin with one object for both their sizes: the first resize would find no difference. */
function ownSize(viewport: OpenSeadragon.Viewport): void {
  const { x, y } = viewport.getContainerSize();
  Object.assign(viewport, { containerSize: new OpenSeadragon.Point(x, y) });
}

function openSeadragon(
  target: HTMLElement,
  slide: OpenSlide,
  watcher: TileWatcher,
  drawers: Drawers,
): OpenSeadragon.Viewer {
  keepStylesOut();
  const tiles = new SlideTiles(slide, watcher);
  const viewer = OpenSeadragon({
    element: target,
    tileSources: tiles.source as unknown as object,
    showNavigator: true,
    drawer: drawers,
    navigatorDrawer: "canvas", // a second WebGL context costs more than it gives, and browsers have few
    navigatorPosition: "TOP_RIGHT",
    navigatorAutoFade: false,
    navigatorMaintainSizeRatio: true,
    navigatorSizeRatio: 0.18,
    navigatorOpacity: 1,
    navigatorBackground: "#fff",
    navigatorBorderColor: "#868e96",
    navigatorDisplayRegionColor: "#c2255c",
    showNavigationControl: false,
    maxZoomPixelRatio: 4,
    minZoomImageRatio: 0.5,
    visibilityRatio: 0.3,
    animationTime: animationTime(),
    preserveImageSizeOnResize: true, // a panel that opens changes no magnification
    maxTilesPerFrame: 12, // one a frame, as is usual, leaves five of a browser's six connections idle
    imageLoaderLimit: 0, // a line of our own keeps few in flight, and can give up what it has begun
    tileRetryMax: 0, // the loader tries again by itself
    gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
    gestureSettingsTouch: { flickEnabled: !isCalm() },
    gestureSettingsPen: { clickToZoom: false, dblClickToZoom: true },
  });
  viewer.addHandler("open", () => {
    viewer.canvas.setAttribute("role", "application");
    viewer.canvas.setAttribute("aria-label", words.canvas(slide.name));
  });
  tiles.follow(viewer);
  return viewer;
}
