// An agent's own page. What the server drew stays as it is until it says something else: the panel is loaded again when the
// agent's seat changes on the board, after each deed, and at least every 15 s, and put in place only when its mark differs.
// Between that, clocks run and the queues' waiting callers move from the board's stream.

import { hide, Picture, put } from "./age";
import type { Board } from "./board";
import { type Language, number, span } from "./shown";
import { watchBoard } from "./stream";

/** The server takes a page that has not loaded its panel for ten minutes for closed. */
const LOAD_EVERY = 15_000;
/** While a deed is under way its answer will replace the panel, so nothing else may; this long, should the answer not come. */
const DEED_LIMIT = 10_000;

const desk = document.getElementById("desk");
if (desk) start(desk);

function start(root: HTMLElement): void {
  const language = root.dataset["language"] as Language;
  const words = JSON.parse(root.dataset["words"] ?? "{}") as Record<string, string>;
  const picture = new Picture(root, language, words, Number(root.dataset["staleAfter"]));
  const panel = () => root.querySelector<HTMLElement>("#panel")!;

  let seen = "";
  let loading = false;
  let wanted = false;
  let deeds = 0;
  let underWayUntil = 0;
  let loaded = performance.now();

  function take(board: Board): void {
    picture.take(board);
    look();
    tick();
  }

  /** Loads the panel when what it shows of the board has changed. */
  function look(): void {
    const now = signature();
    if (seen && now !== seen) void load();
    seen = now;
  }

  function signature(): string {
    const mine = panel().dataset["seat"];
    const seats = picture.board?.seats ?? [];
    const shown = mine
      ? seats.filter((seat) => seat.seat === mine)
      : seats.map((seat) => [seat.seat, seat.agent, seat.phone]);
    return JSON.stringify([mine, picture.stale, shown]);
  }

  async function load(): Promise<void> {
    if (performance.now() < underWayUntil) return; // a deed's end loads anyway
    if (loading) {
      wanted = true;
      return;
    }
    loading = true;
    wanted = false;
    loaded = performance.now();
    const before = deeds;
    try {
      const answer = await fetch("/desk/panel", {
        headers: { "HX-Request": "true", Accept: "text/html" },
        signal: AbortSignal.timeout(4000),
      });
      if (answer.status === 401) location.assign("/login?next=/desk");
      // What was asked before a deed was done shows what was true before it.
      else if (answer.ok && before === deeds) replace(await answer.text(), before);
    } catch {
      // The board's age tells the reader meanwhile, and the next try comes.
    } finally {
      loading = false;
      if (wanted) void load();
    }
  }

  function replace(html: string, before: number): void {
    const fresh = new DOMParser().parseFromString(html, "text/html").getElementById("panel");
    const old = panel();
    if (!fresh || before !== deeds || fresh.dataset["mark"] === old.dataset["mark"]) return;
    const focus = old.contains(document.activeElement) ? document.activeElement?.id : undefined;
    const open = [...old.querySelectorAll("details[open]")].map((details) => details.id);
    old.replaceWith(document.adoptNode(fresh));
    for (const id of open) fresh.querySelector(`#${CSS.escape(id)}`)?.setAttribute("open", "");
    window.htmx.process(fresh);
    if (focus !== undefined) {
      (fresh.querySelector<HTMLElement>(`#${CSS.escape(focus || "none")}`) ?? heading())?.focus({ preventScroll: true });
    }
    put(root.querySelector("#announce"), fresh.dataset["says"] ?? "");
    seen = signature();
    tick();
  }

  const heading = () => panel().querySelector<HTMLElement>("h2[tabindex]");

  function tick(): void {
    for (const clock of panel().querySelectorAll<HTMLElement>(".clock")) {
      const { since, until } = clock.dataset;
      if (until) put(clock, span(-picture.elapsed(until), language));
      else if (since) put(clock, span(picture.elapsed(since), language));
    }
    for (const bar of panel().querySelectorAll("progress")) {
      bar.value = Math.max(0, -picture.elapsed(bar.dataset["until"] ?? null));
    }
    for (const queue of picture.board?.queues ?? []) {
      const row = panel().querySelector<HTMLElement>(`[data-served="${CSS.escape(queue.name)}"]`);
      if (!row) continue;
      const first = queue.waiting.map((call) => call.since).sort()[0];
      row.dataset["waiting"] = String(queue.waiting.length);
      put(row.querySelector(".served-count b"), number(queue.waiting.length, language));
      hide(row.querySelector(".served-longest"), first === undefined);
      row.querySelector(".served-longest .clock")?.setAttribute("data-since", first ?? "");
    }
    picture.show();
  }

  function everyHalfSecond(): void {
    tick();
    look(); // the picture may have grown stale by its age alone
    const ends = panel().querySelector<HTMLElement>(".runs [data-until]")?.dataset["until"];
    const pace = ends && picture.elapsed(ends) > 0 ? 1000 : LOAD_EVERY;
    if (performance.now() - loaded >= pace) void load();
  }

  root.addEventListener("htmx:beforeRequest", () => {
    deeds += 1;
    underWayUntil = performance.now() + DEED_LIMIT;
  });
  root.addEventListener("htmx:afterRequest", () => {
    underWayUntil = 0;
    void load();
  });
  document.addEventListener("htmx:afterSettle", (event) => {
    if ((event.target as Element).id !== "panel") return;
    seen = signature();
    heading()?.focus({ preventScroll: true });
    tick();
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) void load();
  });

  take(JSON.parse(root.dataset["board"] ?? "null") as Board);
  window.setInterval(everyHalfSecond, 500);
  watchBoard({
    board: take,
    connection(open) {
      picture.connection(open);
    },
  });
}
