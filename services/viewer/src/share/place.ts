// What a page shows, as the fragment of its address: it never reaches a server or its log, and a signed query stays as it is.

const MOST_BESIDE = 3;

/**
 * The address of a page that shows slides side by side, linked, each whole.
 *
 * @param first `link`: the address of the first one's page, with what opens it.
 * @param others ids, and the parameters that open each one's routes: none where the page's own right does.
 */
export function comparePath(
  first: { readonly link: string },
  others: readonly { readonly id: string; readonly access: Readonly<Record<string, string>> }[],
): string {
  const pairs = others
    .slice(0, MOST_BESIDE)
    .flatMap(({ id, access }): [string, string][] => [["with", id], ...Object.entries(access)]);
  if (pairs.length === 0) return first.link;
  const fragment = pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");
  return `${first.link}#link=1&${fragment}`;
}
