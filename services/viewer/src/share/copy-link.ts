// The address of what is on the screen, to the clipboard, or to be copied by hand.

import { renewAfter } from "../api/session";
import type { Comparison } from "../compare/comparison";
import { element } from "../ui/dom";
import { language } from "../words/language";
import type { Confirmation } from "./confirmation";
import { linkRight } from "./link-right";
import type { PlaceKeeper } from "./place-keeper";
import { words } from "./words";

export async function copyLink(keeper: PlaceKeeper, comparison: Comparison, said: Confirmation): Promise<void> {
  keeper.flush();
  const { fragment } = keeper;
  const link = `${location.origin}${location.pathname}${location.search}${fragment && `#${fragment}`}`;
  const about = whoMayOpen(comparison);
  try {
    await navigator.clipboard.writeText(link); // undefined where the page came by http
    said.say([words.linkCopied, ...about]);
  } catch {
    showLink(link, about);
  }
}

function whoMayOpen(comparison: Comparison): string[] {
  const { until } = linkRight(location.search, comparison.scene());
  if (until !== null) {
    const time = new Date(until * 1000).toLocaleString(language(), { dateStyle: "medium", timeStyle: "short" });
    return [words.untilThen(time)];
  }
  return renewAfter() === null ? [] : [words.forThose];
}

function showLink(link: string, about: readonly string[]): void {
  const field = element("input", { type: "text", readonly: true, "aria-label": words.linkHere });
  field.value = link;
  const close = element("button", { type: "button", class: "main" }, words.close);
  const dialog = element(
    "dialog",
    { class: "said", "aria-label": words.linkHere },
    element("h2", {}, words.linkHere),
    element("p", {}, words.copyByHand),
    field,
    ...about.map((line) => element("p", {}, line)),
    element("footer", {}, close),
  );
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
  field.focus();
  field.select();
}
