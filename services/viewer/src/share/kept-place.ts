// A place for once, in the tab's own storage: where a page's address loses its fragment, as on the way to signing in and back.

const KEPT = "wsi-place:";

/** Before the page is left for itself: once it is back without a fragment, it looks there. Empty: nothing is kept any more. */
export function keepPlace(fragment: string = location.hash): void {
  try {
    sessionStorage.setItem(KEPT + location.pathname, fragment);
  } catch {
    // no storage is allowed here: the slide is then shown whole
  }
}

/** What was kept for this page, with `#`, and is not any more; empty where there was nothing. */
export function takePlace(): string {
  try {
    const kept = sessionStorage.getItem(KEPT + location.pathname) ?? "";
    sessionStorage.removeItem(KEPT + location.pathname);
    return kept;
  } catch {
    return "";
  }
}
