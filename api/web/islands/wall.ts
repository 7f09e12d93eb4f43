// The wall: the same stream as the floor's page, drawn large and without anything to press. It hangs as long as its session
// lasts; then it says so over the whole screen, and a key leads to the login. Where sessions last for days it reloads itself
// once a night, so that it wears what the server serves.

import { hide, Picture, put } from "./age";
import type { Board, Queue, QueueToday } from "./board";
import { Parts } from "./parts";
import { countedAs } from "./seat";
import { clock, type Language, number, percent, span } from "./shown";
import { watchBoard } from "./stream";

/** The floor's own limits: islands/floor.ts. */
const LOOK_SECONDS = 20;
const ACT_SECONDS = 60;
const RELOAD_AFTER = 20 * 3600 * 1000;
/** Tehran's clock at which a screen that has run long enough loads anew. */
const RELOAD_AT = "03:";
/** Between two looks at the day, and after one that failed. */
const LOOK_AT_DAY = 60_000;
const LOOK_AGAIN = 15_000;
/** So many looks in a row may fail before its numbers are taken down: they would be read as those of now. */
const MISSES = 3;

const wall = document.getElementById("wall");
if (wall) start(wall);

function start(root: HTMLElement): void {
  const language = root.dataset["language"] as Language;
  const words = JSON.parse(root.dataset["words"] ?? "{}") as Record<string, string>;
  const goal = Number(root.dataset["goal"]);
  const limits = JSON.parse(root.dataset["limits"] ?? "{}") as Record<string, number>;
  const picture = new Picture(root, language, words, Number(root.dataset["staleAfter"]));
  const parts = new Parts(root, language, (since) => picture.elapsed(since));
  const began = performance.now();
  const find = (selector: string) => root.querySelector<HTMLElement>(selector);
  let forecast: string | undefined;
  let here: string | undefined;
  let missed = 0;
  let ended = false;

  /** A login page in the corner of an eye looks like a screen that works. */
  function showEnded(over: boolean): void {
    ended = over;
    hide(find("#ended"), !over);
  }

  function take(board: Board): void {
    showEnded(false); // somebody has logged in beside it
    picture.take(board);
    parts.take(board);
    const today = new Map((board.today?.queues ?? []).map((queue) => [queue.queue, queue]));
    for (const queue of board.queues) drawQueue(queue, today.get(queue.name));
    for (const seat of board.seats) {
      const tile = find(`[data-seat="${CSS.escape(seat.seat)}"]`);
      if (!tile) continue;
      const state = countedAs(seat, words);
      tile.dataset["state"] = state;
      tile.dataset["since"] = seat.since ?? "";
      tile.dataset["reason"] = seat.pause_reason ?? "";
      tile.querySelector("use")?.setAttribute("href", `#i-${state}`);
      put(tile.querySelector(".word"), words[`seat_state.${state}`] ?? state);
    }
    for (const item of root.querySelectorAll<HTMLElement>("[data-tally]")) {
      const told = (item.dataset["tally"] ?? "").split(" ");
      const count = board.seats.filter((seat) => told.includes(countedAs(seat, words))).length;
      put(item.querySelector("b"), number(count, language));
      hide(item, count === 0);
    }
    cell("level", percent(board.today?.service_level?.value, language));
    tick();
  }

  function drawQueue(queue: Queue, today: QueueToday | undefined): void {
    const row = find(`[data-queue="${CSS.escape(queue.name)}"]`);
    if (!row) return;
    row.dataset["waiting"] = String(queue.waiting.length);
    row.dataset["since"] = queue.waiting.map((call) => call.since).sort()[0] ?? "";
    const open = queue.open !== false;
    row.dataset["open"] = open ? "yes" : "no";
    put(row.querySelector(".waiting-now"), number(queue.waiting.length, language));
    const ready = `${number(queue.members_available, language)} / ${number(queue.members_total, language)}`;
    put(row.querySelector(".ready"), open ? ready : (root.dataset["closed"] ?? ""));
    const level = today?.service_level.value;
    put(row.querySelector(".level"), percent(level, language));
    row.querySelector(".level")?.setAttribute("data-low", level != null && level < goal ? "yes" : "no");
    put(row.querySelector(".lost"), number(today?.abandoned, language));
  }

  const cell = (name: string, text: string) => put(find(`[data-cell="${name}"] dd`), text);

  function tick(): void {
    for (const row of root.querySelectorAll<HTMLElement>("[data-queue]")) {
      const since = row.dataset["since"];
      const seconds = since ? picture.elapsed(since) : 0;
      row.dataset["tone"] = seconds >= ACT_SECONDS ? "act" : seconds >= LOOK_SECONDS ? "look" : "plain";
      if (since !== undefined) put(row.querySelector(".longest"), since ? span(seconds, language) : "–");
    }
    for (const tile of root.querySelectorAll<HTMLElement>("[data-seat]")) {
      const { state, since, reason } = tile.dataset;
      if (since === undefined) continue;
      const overdue = state === "paused" && !!since && picture.elapsed(since) > (limits[reason ?? ""] ?? Infinity);
      tile.dataset["tone"] = overdue ? "act" : "plain";
    }
    const now = clock(Date.now() + picture.ahead, language);
    put(find("#wall-clock"), now.slice(0, 5));
    if (!ended && performance.now() - began > RELOAD_AFTER && clock(Date.now() + picture.ahead, "en").startsWith(RELOAD_AT)) {
      location.reload();
    }
    parts.tick();
    picture.show();
    root.dataset["stale"] = String(picture.stale);
    if (forecast !== undefined) cell("forecast", forecast);
    if (here !== undefined) cell("here", here);
  }

  /** Of the day only two numbers stand here; the drawing is the floor's. */
  async function lookAtDay(): Promise<void> {
    try {
      const answer = await fetch("/api/v1/board/day", { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(8000) });
      if (!answer.ok) throw new Error(String(answer.status));
      const day = (await answer.json()) as { came_so_far: number; forecast_so_far: number | null; here: number | null; planned: number | null };
      // both of the half hours that are over
      const foretold = day.forecast_so_far === null ? "–" : number(Math.round(day.forecast_so_far), language);
      forecast = `${number(day.came_so_far, language)} / ${foretold}`;
      here = `${number(day.here, language)} / ${number(day.planned, language)}`;
      missed = 0;
    } catch {
      missed += 1;
      if (missed >= MISSES) forecast = here = "–";
    }
    window.setTimeout(() => void lookAtDay(), missed ? LOOK_AGAIN : LOOK_AT_DAY);
  }

  take(JSON.parse(root.dataset["board"] ?? "null") as Board);
  window.setInterval(tick, 500);
  void lookAtDay();
  watchBoard({
    board: take,
    connection(open) {
      picture.connection(open);
    },
    ended: () => showEnded(true),
  });
  for (const touch of ["keydown", "pointerdown"]) {
    document.addEventListener(touch, () => ended && location.assign("/login?next=/floor/wall"));
  }
}
