// Parts of the page that the server draws. The board carries a mark for each; when it is another one than the part in hand
// wears, the part is loaded again, at most once in its pace. So the words, the drawing and who may press what stay the server's.
// A part that wears an old mark for too long says so: beside a fresh board it would be taken for current.

import { announce, hide, put } from "./age";
import type { Board } from "./board";
import { type Language, span } from "./shown";

const TRY_AGAIN = 5000;
const LOAD_LIMIT = 8000;
/** A part that should have been loaded this long ago, beside its pace, is no picture of now. */
const LOST_AFTER = 15_000;

interface State {
  loading: boolean;
  loaded: number;
  /** Not before this; a failed try waits longer. */
  next: number;
  /** Since when it has been old without being loaded; undefined while it is current. */
  oldSince: number | undefined;
}

export class Parts {
  #marks: Record<string, string> = {};
  readonly #states = new Map<string, State>();

  constructor(
    private readonly root: HTMLElement,
    private readonly language: Language,
    private readonly elapsed: (since: string | null) => number,
  ) {}

  take(board: Board): void {
    this.#marks = { alarms: board.alarms?.mark ?? "", day: board.day_mark ?? "" };
  }

  /** Now and then: clocks run, and what is old is loaded. */
  tick(): void {
    for (const clock of this.root.querySelectorAll<HTMLElement>(".since-clock[data-since]")) {
      put(clock, span(this.elapsed(clock.dataset["since"] ?? null), this.language));
    }
    for (const part of this.root.querySelectorAll<HTMLElement>("[data-part]")) {
      if (this.#isOld(part)) void this.#load(part.dataset["part"] ?? "");
      this.#tellLost(part);
    }
  }

  /** Loads a part at the next tick, whatever its mark: something was done in it. */
  hurry(name: string): void {
    const part = this.#find(name);
    if (!part) return;
    part.dataset["mark"] = "done";
    this.#state(name).next = 0;
  }

  #isOld(part: HTMLElement): boolean {
    const state = this.#state(part.dataset["part"] ?? "");
    const now = performance.now();
    if (state.loading || now < state.next || document.hidden) return false;
    const every = Number(part.dataset["every"] ?? 0);
    return this.#differs(part) || (every > 0 && now - state.loaded > every);
  }

  readonly #differs = (part: HTMLElement) => part.dataset["mark"] !== this.#marks[part.dataset["follows"] ?? ""];

  /** What it shows is hidden by the sheet then, and the words for it are the server's, drawn with the part. */
  #tellLost(part: HTMLElement): void {
    const state = this.#state(part.dataset["part"] ?? "");
    const now = performance.now();
    if (document.hidden || !this.#differs(part)) state.oldSince = undefined;
    else state.oldSince ??= now;
    const limit = LOST_AFTER + Number(part.dataset["pace"] ?? 0);
    const lost = state.oldSince !== undefined && now - state.oldSince > limit;
    if (part.dataset["lost"] !== String(lost)) part.dataset["lost"] = String(lost);
    hide(part.querySelector(".part-lost"), !lost);
  }

  async #load(name: string): Promise<void> {
    const part = this.#find(name);
    const state = this.#state(name);
    if (!part) return;
    state.loading = true;
    const pace = Number(part.dataset["pace"] ?? 1000);
    let wait = TRY_AGAIN;
    try {
      const answer = await fetch(part.dataset["from"] ?? "", {
        headers: { "HX-Request": "true", Accept: "text/html" },
        signal: AbortSignal.timeout(LOAD_LIMIT),
      });
      if (answer.ok) {
        this.#replace(name, await answer.text());
        state.oldSince = undefined; // its mark may be another one already: it is as new as it can be
        wait = pace;
      }
    } catch {
      // The next try comes; after some of them the part says that it is lost.
    } finally {
      state.loading = false;
      state.loaded = performance.now();
      state.next = state.loaded + wait * (1 + Math.random() / 4); // so that fifty screens do not ask in step
    }
  }

  #replace(name: string, html: string): void {
    const fresh = new DOMParser().parseFromString(html, "text/html").querySelector<HTMLElement>(`[data-part="${name}"]`);
    const old = this.#find(name);
    if (!fresh || !old) return;
    const known = new Set([...old.querySelectorAll<HTMLElement>("[data-alarm]")].map((one) => one.dataset["alarm"]));
    const focus = old.contains(document.activeElement) ? document.activeElement?.id : undefined;
    for (const details of old.querySelectorAll("details[open]")) {
      fresh.querySelector(`#${CSS.escape(details.id)}`)?.setAttribute("open", "");
    }
    const scrolled = [...old.querySelectorAll<HTMLElement>(".scrolls[id]")].map((one) => [one.id, one.scrollLeft, one.scrollTop] as const);
    old.replaceWith(document.adoptNode(fresh));
    for (const [id, left, top] of scrolled) fresh.querySelector(`#${CSS.escape(id)}`)?.scrollTo({ left, top, behavior: "instant" });
    window.htmx?.process(fresh);
    if (focus !== undefined) {
      const again = fresh.querySelector<HTMLElement>(`#${CSS.escape(focus || "none")}`);
      (again ?? fresh.querySelector<HTMLElement>("[tabindex]"))?.focus({ preventScroll: true });
    }
    const news = [...fresh.querySelectorAll<HTMLElement>("[data-alarm]")].find((one) => !known.has(one.dataset["alarm"]));
    if (news) announce(this.root, news.dataset["says"] ?? "");
  }

  readonly #find = (name: string) => this.root.querySelector<HTMLElement>(`[data-part="${name}"]`);

  #state(name: string): State {
    let state = this.#states.get(name);
    if (!state) this.#states.set(name, (state = { loading: false, loaded: 0, next: 0, oldSince: undefined }));
    return state;
  }
}

/** F2 takes the alarm that has waited longest, from wherever the reader is on the page. */
export function takeByKey(root: HTMLElement): void {
  document.addEventListener("keydown", (event) => {
    if (event.key !== "F2" || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    const first = root.querySelector<HTMLButtonElement>('.take[aria-keyshortcuts="F2"]');
    if (!first) return;
    event.preventDefault();
    first.click();
  });
}
