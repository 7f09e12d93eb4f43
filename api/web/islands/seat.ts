// One seat's card on the floor: the same words as api/web/floor_view.py, and the menu of who leads the floor.

import { hide, put } from "./age";
import type { Seat } from "./board";
import { fill, span, type Language } from "./shown";

const IN_CALL = ["ringing", "talking", "holding"];

export interface SeatWords {
  language: Language;
  words: Record<string, string>;
  /** Account → name. */
  people: Record<string, string>;
  /** Cause → seconds after which its pause is overdue. */
  limits: Record<string, number>;
}

const stateOf = (seat: Seat, words: Record<string, string>): string =>
  `seat_state.${seat.state}` in words ? seat.state : "unknown";

/** As which a seat is shown and counted: a telephone without an operator and without a call of the line (a supervisor hears a talk with it) does
 * not serve anybody. */
export const countedAs = (seat: Seat, words: Record<string, string>): string =>
  IN_CALL.includes(seat.state) && seat.agent === null && seat.call_id === null ? "offline" : stateOf(seat, words);

export function drawSeat(tile: HTMLElement, seat: Seat, told: SeatWords): void {
  const { words, people } = told;
  const state = countedAs(seat, words);
  if (tile.dataset["state"] !== state) {
    tile.dataset["state"] = state;
    tile.querySelector("use")?.setAttribute("href", `#i-${state}`);
  }
  tile.dataset["since"] = seat.since ?? "";
  tile.dataset["reason"] = seat.pause_reason ?? "";
  tile.dataset["agent"] = seat.agent ?? "";
  tile.dataset["phone"] = state === "offline" && seat.state !== "offline" ? "busy" : seat.phone ? "on" : "off";
  put(tile.querySelector(".agent"), seat.agent === null ? (words["no_agent"] ?? "") : (people[seat.agent] ?? seat.agent));
  put(tile.querySelector(".word"), words[`seat_state.${state}`] ?? state);
  const menu = tile.querySelector<HTMLDetailsElement>(".seat-menu");
  if (!menu) return;
  const listen = menu.querySelector("[data-deed=listen]");
  const serves = seat.agent !== null || seat.call_id !== null;
  const talking = listen !== null && serves && ["talking", "holding"].includes(state);
  const leads = seat.agent !== null && menu.querySelector("form") !== null;
  // who may only listen finds nothing in the menu of an operator who does not talk; who has signed out may still do
  if (!talking && !leads) menu.open = false;
  hide(menu, !talking && !leads);
  hide(listen, !talking);
  hide(menu.querySelector("[data-deed=pause]"), !leads || seat.pause_reason === "supervisor");
  hide(menu.querySelector("[data-deed=resume]"), !leads || !seat.pause_reason);
  hide(menu.querySelector("[data-deed=sign-out]"), !leads);
}

/** What changes by time alone: how long the state lasts, and whether a pause is overdue. */
export function tickSeat(tile: HTMLElement, elapsed: (since: string) => number, told: SeatWords): void {
  const since = tile.dataset["since"];
  if (since === undefined) return;
  const seconds = since ? elapsed(since) : undefined;
  put(tile.querySelector(".says .span"), seconds === undefined ? "" : span(seconds, told.language));
  const tone = toneOf(tile, seconds, told.limits);
  if (tile.dataset["tone"] !== tone) tile.dataset["tone"] = tone;
  put(tile.querySelector(".note"), noteOf(tile, tone, told.words));
}

function toneOf(tile: HTMLElement, seconds: number | undefined, limits: Record<string, number>): string {
  const { state, reason } = tile.dataset;
  if (state !== "paused" || !reason) return "plain";
  if (seconds !== undefined && seconds > (limits[reason] ?? Infinity)) return "act";
  return reason === "missed_calls" ? "look" : "plain";
}

function noteOf(tile: HTMLElement, tone: string, words: Record<string, string>): string {
  const { state = "", reason, agent, phone } = tile.dataset;
  const cause = reason ? (words[`seat_cause.${reason}`] ?? reason) : "";
  if (state === "paused" && reason) return tone === "act" ? fill(words["overdue"] ?? "", { cause }) : cause;
  if (IN_CALL.includes(state) && reason && reason !== "wrap_up") return fill(words["then_paused"] ?? "", { cause });
  if (state === "offline" && agent) return words["phone_away"] ?? "";
  if (state === "offline" && phone === "busy") return words["phone_busy"] ?? "";
  return state === "offline" && phone === "on" ? (words["phone_only"] ?? "") : "";
}

/** Closes an open menu by Escape or by a press elsewhere, and after a deed; says that the deed was done. */
export function keepMenus(root: HTMLElement, done: (number: string) => void): void {
  const open = () => root.querySelector<HTMLDetailsElement>(".seat-menu[open]");
  root.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" ? open() : null;
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary")?.focus();
  });
  document.addEventListener("click", (event) => {
    const menu = open();
    if (menu && event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
  });
  root.addEventListener("htmx:afterRequest", (event) => {
    const detail = (event as CustomEvent<{ successful: boolean; elt: Element }>).detail;
    const menu = detail.elt.closest<HTMLDetailsElement>(".seat-menu");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary")?.focus();
    if (detail.successful) done(menu.closest(".seat")?.querySelector(".place")?.lastChild?.textContent?.trim() ?? "");
  });
}
