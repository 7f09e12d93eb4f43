// How old the board is, counted by ourselves, so that a dead stream can never look like a quiet afternoon. The server drew
// the same pill and the same banner (templates/parts/age.html).

import type { Board } from "./board";
import { clock, digits, fill, type Language } from "./shown";

export class Picture {
  board: Board | undefined;
  #received = performance.now();
  #serverAhead = 0;
  #connected = true;
  #wasStale: boolean;

  constructor(
    private readonly root: HTMLElement,
    private readonly language: Language,
    private readonly words: Record<string, string>,
    /** Seconds after which the picture is too old to act on. */
    private readonly staleAfter: number,
  ) {
    this.#wasStale = root.querySelector("#age")?.getAttribute("data-tone") === "stale";
  }

  take(board: Board): void {
    this.board = board;
    this.#received = performance.now();
    if (board.as_of !== null && board.age_seconds !== null) {
      this.#serverAhead = Date.parse(board.as_of) + board.age_seconds * 1000 - Date.now();
    }
  }

  connection(open: boolean): void {
    this.#connected = open;
    this.show();
  }

  /** Seconds since an instant, by the server's clock; negative before it. */
  elapsed(since: string | null): number {
    return since === null ? 0 : (Date.now() + this.#serverAhead - Date.parse(since)) / 1000;
  }

  /** Milliseconds by which the server's clock is ahead of this machine's. */
  get ahead(): number {
    return this.#serverAhead;
  }

  get age(): number {
    if (this.board?.age_seconds == null) return Infinity;
    return this.board.age_seconds + (performance.now() - this.#received) / 1000;
  }

  get stale(): boolean {
    return !this.board || this.board.stale || this.age >= this.staleAfter;
  }

  show(): void {
    const find = (selector: string) => this.root.querySelector<HTMLElement>(selector);
    const say = (key: string, values: Record<string, string> = {}) => fill(this.words[key] ?? key, values);
    const { age, stale } = this;
    const pill = find("#age");
    if (pill) pill.dataset["tone"] = stale ? "stale" : this.#connected ? "live" : "connecting";
    put(find("#age-number"), Number.isFinite(age) ? digits(String(Math.floor(age)), this.language) : "–");
    put(find("#age-word"), say(stale ? "stale_title" : this.#connected ? "live" : "connecting"));
    if (stale) {
      const since = this.board?.as_of ? Date.parse(this.board.as_of) : undefined;
      put(find("#stale-since"), since ? say("stale_since", { time: clock(since, this.language) }) : say("stale_never"));
    }
    hide(find("#stale"), !stale);
    if (this.#wasStale && !stale) announce(this.root, say("announce_fresh"));
    this.#wasStale = stale;
  }
}

export function put(element: Element | null, text: string): void {
  if (element && element.textContent !== text) element.textContent = text;
}

/** Says it to who hears the page. Readers hear a change of the text only, so what is said again gets a space more or less. */
export function announce(root: ParentNode, text: string): void {
  const place = root.querySelector("#announce");
  if (place) place.textContent = place.textContent === text ? `${text}\u00a0` : text;
}

export function hide(element: Element | null, hidden: boolean): void {
  if (element instanceof HTMLElement && element.hidden !== hidden) element.hidden = hidden;
}
