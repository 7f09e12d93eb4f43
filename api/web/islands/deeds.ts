// Deeds on the floor in a dialog: any link with `data-deeds` leads to a page of its own, which is shown over the floor here.
// The forms in it are the page's; when one was sent the dialog is over, and a refusal stands above the floor as always.

export function openDeeds(root: HTMLElement, done: () => void): void {
  const dialog = document.getElementById("deeds");
  const body = document.getElementById("deeds-body");
  if (!(dialog instanceof HTMLDialogElement) || !body) return;

  // The browser goes back to the link; one that left with its caller meanwhile is nowhere to go back to.
  let cameFrom: HTMLElement | null = null;
  dialog.addEventListener("close", () => {
    if (document.activeElement === document.body) cameFrom?.querySelector<HTMLElement>("h3, summary")?.focus({ preventScroll: true });
  });

  root.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[data-deeds]") : null;
    const href = link?.getAttribute("href");
    if (!href || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const menu = link?.closest<HTMLDetailsElement>("details[open]");
    menu?.querySelector("summary")?.focus(); // where the reader comes back to, when the dialog is over
    menu?.removeAttribute("open");
    cameFrom = link?.closest<HTMLElement>("[data-queue], [data-seat]") ?? null;
    body.replaceChildren();
    void window.htmx.ajax("get", href, { target: body, swap: "innerHTML" }).then(() => {
      if (body.childElementCount > 0 && !dialog.open) dialog.showModal();
    });
  });

  // The strip looks by itself every few seconds: that takes no refusal off the page, and a look that fails says nothing
  // (how old the floor's picture is stands above it).
  const strip = document.getElementById("under-way");
  for (const name of ["htmx:beforeRequest", "htmx:beforeSwap"]) {
    strip?.addEventListener(name, (event) => event.stopPropagation());
  }
  // What says the same is not put in again: who stands on a link in it would hear that link every five seconds.
  let shown = "";
  strip?.addEventListener("htmx:beforeSwap", (event) => {
    const detail = (event as CustomEvent<{ shouldSwap: boolean; serverResponse: string }>).detail;
    if (detail.shouldSwap && detail.serverResponse === shown) detail.shouldSwap = false;
    else if (detail.shouldSwap) shown = detail.serverResponse;
  });

  dialog.addEventListener("htmx:afterRequest", (event) => {
    const detail = (event as CustomEvent<{ successful: boolean; elt: Element }>).detail;
    if (!(detail.elt instanceof HTMLFormElement)) return;
    dialog.close();
    if (strip) window.htmx.trigger(strip, "look");
    if (detail.successful) done();
  });
}
