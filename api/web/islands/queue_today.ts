// Each queue's day so far, and each agent's occupancy, in place: the same words as api/web/queue_today_view.py.

import { put } from "./age";
import type { Board, QueueToday } from "./board";
import { fill, type Language, number, percent, span } from "./shown";

export interface TodayWords {
  language: Language;
  words: Record<string, string>;
  /** Of the service level, 0 to 1. */
  goal: number;
}

export function drawToday(root: HTMLElement, board: Board, told: TodayWords): void {
  for (const queue of board.today?.queues ?? []) {
    const box = root.querySelector<HTMLElement>(`[data-queue="${CSS.escape(queue.queue)}"] .queue-today`);
    if (box) drawQueueToday(box, queue, told);
  }
  const shares = board.today?.occupancy_of_agents ?? {};
  for (const seat of board.seats) {
    const place = root.querySelector(`[data-seat="${CSS.escape(seat.seat)}"] .busy`);
    const share = seat.agent === null ? null : shares[seat.agent];
    const known = share !== null && share !== undefined;
    put(place, known ? fill(told.words["occupancy_of"] ?? "", { percent: percent(share, told.language) }) : "");
  }
}

function drawQueueToday(box: HTMLElement, queue: QueueToday, { language, words, goal }: TodayWords): void {
  const cell = (name: string) => box.querySelector<HTMLElement>(`[data-cell="${name}"]`);
  const value = (name: string, text: string) => put(cell(name)?.querySelector("b") ?? null, text);
  const level = queue.service_level.value;
  value("level", percent(level, language));
  const low = level !== null && level < goal;
  if (low) cell("level")?.setAttribute("data-low", "yes");
  else cell("level")?.removeAttribute("data-low");
  const counts = { answered: number(queue.answered, language), offered: number(queue.offered, language) };
  value("answered", fill(words["queue_answered_of"] ?? "", counts));
  value("abandoned", number(queue.abandoned, language));
  const share = percent(queue.abandonment_without_short.value, language);
  put(cell("abandoned")?.querySelector("small") ?? null, fill(words["queue_abandoned_note"] ?? "", { percent: share }));
  value("longest", queue.longest_wait_seconds === null ? "–" : span(queue.longest_wait_seconds, language));
}
