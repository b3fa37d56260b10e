// The mark of a page that a frame's session has opened: it stands on all that the page asks for, since a browser may show the
// server another session as well, of the person's own. It gives no right.

/** A path of this server's, marked where the page is; what is marked already, and what is another server's, stays as it is. */
export function marked(url: string, mark = pageMark()): string {
  if (mark === "" || !url.startsWith("/") || url.startsWith("//")) return url;
  const [path = "", ...fragment] = url.split("#");
  const [, query = ""] = path.split(/\?(.*)/s);
  if (query.split("&").includes(mark)) return url;
  const asked = `${path}${path.includes("?") ? "&" : "?"}${mark}`;
  return [asked, ...fragment].join("#");
}

/** As the server wrote it into the page. */
function pageMark(): string {
  return typeof document === "undefined" ? "" : (document.body?.dataset?.["mark"] ?? "");
}
