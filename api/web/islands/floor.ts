// The moving floor. The server drew every seat and queue; this changes words, numbers and states in place, counts the
// waits up, and counts the age of the data by itself, so that a dead stream can never look like a quiet afternoon.

import { announce, hide, Picture, put } from "./age";
import type { Board, Queue, Seat, Waiting } from "./board";
import { openDeeds } from "./deeds";
import { Parts, takeByKey } from "./parts";
import { drawToday } from "./queue_today";
import { countedAs, drawSeat, keepMenus, tickSeat } from "./seat";
import { clock, digits, fill, type Language, number, percent, span } from "./shown";
import { watchBoard } from "./stream";

/** A wait worth a look: the service level's own limit. */
const LOOK_SECONDS = 20;
/** A wait somebody should act on now. */
const ACT_SECONDS = 60;
/** More rows than this in one queue would push the seats off the screen. */
const ROWS = 6;

const floor = document.getElementById("floor");
if (floor) start(floor);

function start(root: HTMLElement): void {
  const language = root.dataset["language"] as Language;
  const words = JSON.parse(root.dataset["words"] ?? "{}") as Record<string, string>;
  const people = JSON.parse(root.dataset["people"] ?? "{}") as Record<string, string>;
  const limits = JSON.parse(root.dataset["limits"] ?? "{}") as Record<string, number>;
  const picture = new Picture(root, language, words, Number(root.dataset["staleAfter"]));
  const mayLead = root.dataset["leads"] === "yes";
  const mayOpenCalls = root.dataset["calls"] === "yes";
  const say = (key: string, values: Record<string, string> = {}) => fill(words[key] ?? key, values);
  const find = (selector: string) => root.querySelector<HTMLElement>(selector);
  const told = { language, words, people, limits };

  const elapsed = (since: string | null) => picture.elapsed(since);
  const parts = new Parts(root, language, elapsed);
  /** Queues that got a caller with this picture: said in one sentence, or only the last would be heard. */
  const joined = new Set<string>();

  function take(fresh: Board, quietly = false): void {
    picture.take(fresh);
    for (const queue of fresh.queues) drawQueue(queue, quietly);
    if (joined.size > 0) announce(root, [...joined].join(" · "));
    joined.clear();
    for (const seat of fresh.seats) {
      const tile = find(`[data-seat="${CSS.escape(seat.seat)}"]`);
      if (tile) drawSeat(tile, seat, told);
    }
    drawTally(fresh.seats);
    drawFigures(fresh);
    drawToday(root, fresh, { language, words, goal: Number(root.dataset["goal"]) });
    parts.take(fresh);
    tick();
  }

  function drawQueue(queue: Queue, quietly: boolean): void {
    const box = find(`[data-queue="${CSS.escape(queue.name)}"]`);
    if (!box) return;
    box.dataset["waiting"] = String(queue.waiting.length);
    put(box.querySelector(".count .number"), number(queue.waiting.length, language));
    put(box.querySelector(".members"), membersOf(queue));
    put(box.querySelector(".estimate"), estimateOf(queue));
    hide(box.querySelector(".queue-shut"), queue.open !== false);
    hide(box.querySelector(".nobody"), queue.waiting.length > 0);
    const list = box.querySelector(".waiting");
    if (!list) return;
    const known = new Map([...list.children].map((row) => [(row as HTMLElement).dataset["call"], row as HTMLElement]));
    const rows = queue.waiting.slice(0, ROWS).map((call) => {
      const row = known.get(call.call_id) ?? newRow(call, queue, quietly);
      row.dataset["since"] = call.since;
      put(row.querySelector(".place"), number(call.position, language));
      put(row.querySelector(".caller"), digits(call.caller_masked || say("no_number"), language));
      row.querySelector(".row-more")?.setAttribute("aria-label", say("deeds_for", { position: number(call.position, language) }));
      put(row.querySelector(".since"), say("since", { time: clock(Date.parse(call.since), language) }));
      put(row.querySelector(".mark"), markOf(call));
      return row;
    });
    order(box, list, rows);
    const more = box.querySelector<HTMLElement>(".more");
    const left = queue.waiting.length - rows.length;
    hide(more, left <= 0);
    if (left > 0) put(more, say("more_waiting", { count: number(left, language) }));
  }

  /** Puts rows where they belong and touches no other: a row that is taken out for a moment loses the keyboard's focus. */
  function order(box: HTMLElement, list: Element, rows: HTMLElement[]): void {
    const held = list.contains(document.activeElement) ? (document.activeElement as HTMLElement) : null;
    for (const row of [...list.children]) if (!rows.includes(row as HTMLElement)) row.remove();
    rows.forEach((row, at) => {
      if (list.children[at] !== row) list.insertBefore(row, list.children[at] ?? null);
    });
    if (!held || held === document.activeElement) return;
    // moved, or gone with its caller: never to another caller, whom a key would then be meant for
    const there = held.isConnected ? held : box.querySelector<HTMLElement>("h3");
    there?.focus({ preventScroll: true });
  }

  function membersOf(queue: Queue): string {
    const free = say(queue.helpers_total > 0 ? "members_helped" : "members", {
      available: number(queue.members_available, language),
      total: number(queue.members_total, language),
      helpers: number(queue.helpers_total, language),
    });
    return queue.callbacks ? `${free} · ${say("callbacks", { count: number(queue.callbacks, language) })}` : free;
  }

  // api/web/floor_view.py says the same
  function markOf(call: Waiting): string {
    const told = [];
    if (call.priority > 0) told.push(say("priority_mark", { priority: number(call.priority, language) }));
    if (call.repeat > 0) told.push(say("repeat_mark", { count: number(call.repeat, language) }));
    return told.join(" · ");
  }

  function estimateOf(queue: Queue): string {
    const seconds = queue.estimate_seconds ?? null;
    return say("estimate", { span: seconds === null ? "–" : span(seconds, language) });
  }

  function newRow(call: Waiting, queue: Queue, quietly: boolean): HTMLElement {
    const callId = call.call_id;
    const row = document.createElement("li");
    row.dataset["call"] = callId;
    row.dataset["testid"] = `waiting-${callId}`;
    for (const name of ["place", "caller", "since", "span", "mark"]) {
      const link = name === "caller" && mayOpenCalls;
      const cell = document.createElement(link ? "a" : "span");
      if (cell instanceof HTMLAnchorElement) {
        cell.href = call.callback ? "/callbacks" : `/calls/${encodeURIComponent(callId)}`;
      }
      cell.className = link ? "caller tie" : name;
      row.append(cell);
    }
    if (mayLead && !call.callback) row.append(deedsLink(callId));
    if (!quietly) {
      row.className = "fresh";
      joined.add(say("announce_waiting", { queue: words[`queue.${queue.name}`] ?? queue.name }));
    }
    return row;
  }

  function deedsLink(callId: string): HTMLElement {
    const link = document.createElement("a");
    link.href = `/floor/waiting/${encodeURIComponent(callId)}`;
    link.className = "row-more";
    link.dataset["deeds"] = "";
    const drawn = root.querySelector(".row-more svg") ?? root.querySelector(".seat-menu summary svg");
    if (drawn) link.append(drawn.cloneNode(true));
    return link;
  }

  function drawTally(seats: Seat[]): void {
    for (const item of root.querySelectorAll<HTMLElement>("[data-tally]")) {
      const count = seats.filter((seat) => countedAs(seat, words) === item.dataset["tally"]).length;
      put(item.querySelector("b"), number(count, language));
      hide(item, count === 0);
    }
  }

  function drawFigures(fresh: Board): void {
    const today = (fresh.today ?? {}) as Record<string, unknown>;
    for (const name of ["received", "answered", "abandoned", "in_survey"]) {
      figure(name, number(today[name] as number | null, language));
    }
    figure("service_level", percent(fresh.today?.service_level?.value, language));
    figure("occupancy", percent(fresh.today?.occupancy?.value, language));
    const waiting = fresh.queues.reduce((sum, queue) => sum + queue.waiting.length, 0);
    figure("waiting_now", number(waiting, language), waiting > 0 ? "look" : "plain");
  }

  function figure(name: string, value: string, tone = "plain"): void {
    const box = find(`[data-figure="${name}"]`);
    if (!box) return;
    box.dataset["tone"] = tone;
    put(box.querySelector("dd"), value);
  }

  /** What changes by time alone: waits, spans of states, the age of the data. */
  function tick(): void {
    let longest = 0;
    for (const box of root.querySelectorAll<HTMLElement>("[data-queue]")) {
      let worst = 0;
      for (const row of box.querySelectorAll<HTMLElement>(".waiting li")) {
        const seconds = elapsed(row.dataset["since"] ?? null);
        row.dataset["tone"] = toneOf(seconds);
        put(row.querySelector(".span"), span(seconds, language));
        worst = Math.max(worst, seconds);
      }
      box.dataset["tone"] = toneOf(worst);
      longest = Math.max(longest, worst);
    }
    if (picture.board) figure("longest_wait", longest > 0 ? span(longest, language) : "–", toneOf(longest));
    for (const tile of root.querySelectorAll<HTMLElement>("[data-seat]")) tickSeat(tile, elapsed, told);
    parts.tick();
    showAge();
  }

  const toneOf = (seconds: number) => (seconds >= ACT_SECONDS ? "act" : seconds >= LOOK_SECONDS ? "look" : "plain");

  function showAge(): void {
    picture.show();
    find("#board")?.setAttribute("data-stale", String(picture.stale));
  }

  take(JSON.parse(root.dataset["board"] ?? "null") as Board, true);
  window.setInterval(tick, 500);
  takeByKey(root);
  root.addEventListener("htmx:afterRequest", (event) => {
    if ((event.target as Element).closest(".alarms")) parts.hurry("alarms");
  });
  keepMenus(root, (seat) => announce(root, say("announce_lead", { number: seat })));
  openDeeds(root, () => announce(root, say("announce_done")));
  watchBoard({
    board: take,
    connection(open) {
      picture.connection(open);
    },
  });
}
