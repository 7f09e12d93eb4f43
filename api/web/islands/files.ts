// A field for a file says "Choose File" in the language of the browser, not of the page. Here our words lie over it; the field
// itself stays where it is, transparent, so that a click, a dropped file, the keyboard and a screen reader find it as ever.
import { put } from "./age";

export function nameFiles(): void {
  for (const field of document.querySelectorAll<HTMLElement>(".file-field:not([data-named])")) {
    const input = field.querySelector("input");
    if (!input) continue;
    field.dataset["named"] = "yes";
    const choose = document.createElement("span");
    const chosen = document.createElement("span");
    choose.className = "btn file-choose";
    chosen.className = "file-name";
    for (const shown of [choose, chosen]) shown.setAttribute("aria-hidden", "true");
    put(choose, field.dataset["choose"] ?? "");
    field.append(choose, chosen);
    const tell = () => put(chosen, input.files?.[0]?.name ?? field.dataset["none"] ?? "");
    input.addEventListener("change", tell);
    input.form?.addEventListener("reset", () => setTimeout(tell));
    tell();
  }
}
