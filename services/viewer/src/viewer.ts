// The viewer's page: one slide.

import OpenSeadragon from "openseadragon";

import { type SlideMetadata, SlideError, fetchMetadata, readPageData, type PageData } from "./metadata";
import { Notice } from "./notice";
import { scaleBar } from "./scale-bar";
import { tileSource } from "./tile-source";

const MAX_BAR_PIXELS = 160;
const RETRIES = 10;

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no #${id}.`);
  return found;
}

async function metadataOnceReady(page: PageData, notice: Notice): Promise<SlideMetadata> {
  for (let attempt = 0; ; attempt++) {
    try {
      const slide = await fetchMetadata(page);
      notice.hide();
      return slide;
    } catch (error) {
      if (!(error instanceof SlideError) || error.retryAfter === null || attempt === RETRIES) throw error;
      notice.show(error.message);
      await new Promise((resolve) => setTimeout(resolve, (error.retryAfter ?? 2) * 1000));
    }
  }
}

function open(slide: SlideMetadata, page: PageData, notice: Notice): void {
  const viewer = OpenSeadragon({
    element: element("viewer"),
    tileSources: tileSource(slide, page.access) as unknown as object,
    showNavigator: true,
    navigatorPosition: "TOP_RIGHT",
    showNavigationControl: false,
    maxZoomPixelRatio: 4,
    visibilityRatio: 0.3,
    animationTime: 0.5,
    tileRetryMax: 3,
    tileRetryDelay: 1500,
    loadTilesWithAjax: false,
    crossOriginPolicy: false,
  });
  let failed = 0;
  viewer.addHandler("tile-load-failed", () => {
    failed += 1;
    notice.show(`${failed} ${failed === 1 ? "tile" : "tiles"} could not be loaded. Move the picture to try again.`);
  });
  viewer.addHandler("tile-loaded", () => {
    if (failed > 0) {
      failed = 0;
      notice.hide();
    }
  });
  buttons(viewer);
  if (slide.mpp !== null) showScale(viewer, slide, slide.mpp.x);
  Object.assign(window, { wsiViewer: viewer });
}

function buttons(viewer: OpenSeadragon.Viewer): void {
  const actions: Record<string, () => void> = {
    "zoom-in": () => viewer.viewport.zoomBy(2),
    "zoom-out": () => viewer.viewport.zoomBy(0.5),
    home: () => viewer.viewport.goHome(),
    "full-screen": () => {
      if (document.fullscreenElement === null) void document.documentElement.requestFullscreen();
      else void document.exitFullscreen();
    },
  };
  for (const [id, action] of Object.entries(actions)) element(id).addEventListener("click", action);
}

function showScale(viewer: OpenSeadragon.Viewer, slide: SlideMetadata, mpp: number): void {
  const bar = element("scale");
  const update = (): void => {
    const screenPixelsPerSlide = viewer.viewport.getContainerSize().x * viewer.viewport.getZoom(true);
    const { label, pixels } = scaleBar((mpp * slide.width) / screenPixelsPerSlide, MAX_BAR_PIXELS);
    bar.textContent = label;
    bar.style.width = `${pixels}px`;
    bar.hidden = false;
  };
  viewer.addHandler("open", update);
  viewer.addHandler("animation", update);
  viewer.addHandler("resize", update);
}

async function start(): Promise<void> {
  const notice = new Notice(element("notice"));
  try {
    const page = readPageData();
    open(await metadataOnceReady(page, notice), page, notice);
  } catch (error) {
    notice.show(error instanceof Error ? error.message : String(error));
  }
}

void start();
