// The viewer's page: one slide.

import OpenSeadragon from "openseadragon";

import { ApiError, apiFetch } from "./api-fetch";
import { FailedTiles } from "./failed-tiles";
import { sendHints } from "./hints";
import { type PageData, readPageData, type SlideMetadata, withParams } from "./metadata";
import { Notice } from "./notice";
import { scaleBar } from "./scale-bar";
import { renewAfter, Session, SESSION_ENDED } from "./session";
import { tileSource } from "./tile-source";

const MAX_BAR_PIXELS = 160;
/** A slide that is not indexed yet is indexed while this asks: some ten seconds each time, then "busy". */
const INDEXING = { tries: 20, longestWait: 5_000 };

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`The page has no #${id}.`);
  return found;
}

async function metadataOnceReady(page: PageData, notice: Notice): Promise<SlideMetadata> {
  if (page.metadata !== null) return page.metadata;
  notice.show("This slide is opened for the first time; that takes some seconds.");
  const url = withParams(`/slides/${encodeURIComponent(page.id)}`, page.access);
  const response = await apiFetch(url, INDEXING, new AbortController().signal, (error) => notice.show(error.message));
  notice.hide();
  return (await response.json()) as SlideMetadata;
}

/**
 * OpenSeadragon puts a <style> into the page unless it finds its own, and the page's CSP allows none. An element of that
 * name in no known namespace is found, and means nothing to the browser.
 */
function keepStylesOut(): void {
  const marker = document.createElementNS("urn:wsi-streamer", "style");
  marker.setAttribute("data-openseadragon-mobile-css", "");
  document.head.append(marker);
}

function open(slide: SlideMetadata, page: PageData, notice: Notice): OpenSeadragon.Viewer {
  keepStylesOut();
  const viewer = OpenSeadragon({
    element: element("viewer"),
    tileSources: tileSource(slide, page.access, notice) as unknown as object,
    showNavigator: true,
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
    animationTime: 0.5,
    maxTilesPerFrame: 12, // one a frame, as is usual, leaves five of a browser's six connections idle
    tileRetryMax: 0, // the tile source tries again by itself
    timeout: 2 ** 31 - 1,
    gestureSettingsMouse: { clickToZoom: false, dblClickToZoom: true },
    gestureSettingsPen: { clickToZoom: false, dblClickToZoom: true },
  });
  viewer.addHandler("open", () => {
    viewer.canvas.setAttribute("role", "application");
    viewer.canvas.setAttribute("aria-label", `${page.name}. Arrow keys move, plus and minus zoom, 0 shows the whole slide.`);
  });
  sendHints(viewer, slide, page.access);
  buttons(viewer);
  if (slide.mpp !== null) showScale(viewer, slide, slide.mpp.x);
  Object.assign(window, { wsiViewer: viewer });
  return viewer;
}

function buttons(viewer: OpenSeadragon.Viewer): void {
  const actions: Record<string, () => void> = {
    "zoom-in": () => viewer.viewport.zoomBy(2).applyConstraints(),
    "zoom-out": () => viewer.viewport.zoomBy(0.5).applyConstraints(),
    home: () => viewer.viewport.goHome(),
    "full-screen": () => {
      if (document.fullscreenElement === null) void document.documentElement.requestFullscreen();
      else void document.exitFullscreen();
    },
  };
  for (const [id, action] of Object.entries(actions)) element(id).addEventListener("click", action);
  element("full-screen").hidden = !document.fullscreenEnabled; // phones of one maker have none
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
  const failed = new FailedTiles();
  let opened = false;
  const notice = new Notice(element("notice"), () => (opened ? failed.retry() : location.reload()));
  try {
    const page = readPageData();
    new Session(() => notice.ended(SESSION_ENDED)).keep(renewAfter());
    const viewer = open(await metadataOnceReady(page, notice), page, notice);
    opened = true;
    failed.watch(viewer);
    failed.watch(viewer.navigator);
  } catch (error) {
    if (error instanceof ApiError) notice.showError(error);
    else notice.show("The viewer can't start here; the browser's console says why.");
    if (!(error instanceof ApiError)) throw error;
  }
}

void start();
