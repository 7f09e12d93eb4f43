// On every page: the style sheet and htmx. htmx only swaps parts of pages that also work as plain links and forms.
import "../styles/desk.css";
import htmx from "htmx.org";
import { nameFiles } from "./files";
import { stayOnDuty } from "./presence";

declare global {
  interface Window {
    htmx: typeof htmx;
  }
}

window.htmx = htmx;
stayOnDuty();
nameFiles();
document.addEventListener("htmx:load", nameFiles);

// On a telephone the ways scroll: where one is must not lie outside.
document.querySelector(".ways [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// A refused form answer (4xx) is a page that says what to do, so it is shown and not swallowed.
document.addEventListener("htmx:beforeSwap", (event) => {
  const detail = (event as CustomEvent<{ xhr: XMLHttpRequest; shouldSwap: boolean; isError: boolean }>).detail;
  if (detail.xhr.status >= 400 && detail.xhr.status < 600) {
    // Anything else than a page would empty the place it was meant for.
    detail.shouldSwap = (detail.xhr.getResponseHeader("content-type") ?? "").startsWith("text/html");
    detail.isError = !detail.shouldSwap;
  }
});

// What was refused before says nothing about the next try.
document.addEventListener("htmx:beforeRequest", () => document.getElementById("refusal")?.replaceChildren());
