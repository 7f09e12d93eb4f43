// Keeps the board coming: server-sent events, and when they break or fall silent a snapshot and a new connection.
// The wait between tries doubles from 1 s to 15 s with jitter, so that fifty screens do not knock at once.

import type { Board } from "./board";

export interface Watcher {
  board(board: Board): void;
  connection(open: boolean): void;
  /** The session is over; without this the reader is led to the login. The tries go on: somebody may log in elsewhere. */
  ended?(): void;
}

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 15_000;
/** A stream that says nothing this long is taken for dead; the server sends something at least every 5 s. */
const SILENCE = 12_000;

export function watchBoard(watcher: Watcher): void {
  let source: EventSource | undefined;
  let wait = FIRST_WAIT;
  let heard = performance.now();
  let planned: number | undefined;

  const take = (text: string) => {
    const board = JSON.parse(text) as Partial<Board>;
    if (!Array.isArray(board.queues) || !Array.isArray(board.seats)) return;
    heard = performance.now();
    wait = FIRST_WAIT;
    watcher.board(board as Board);
  };

  const snapshot = async () => {
    try {
      const answer = await fetch("/api/v1/board", {
        headers: { Accept: "application/json" },
        signal: AbortSignal.timeout(4000),
      });
      if (answer.status === 401 && watcher.ended) watcher.ended();
      else if (answer.status === 401) location.assign(`/login?next=${encodeURIComponent(location.pathname)}`);
      else if (answer.ok) take(await answer.text());
    } catch {
      // The stream's own tries go on; the age on screen tells the reader meanwhile.
    }
  };

  const connect = () => {
    planned = undefined;
    source?.close();
    heard = performance.now();
    source = new EventSource("/api/v1/board/stream");
    source.onopen = () => watcher.connection(true);
    const hear = (event: MessageEvent<string>) => take(event.data);
    source.onmessage = hear;
    source.addEventListener("board", hear);
    source.onerror = again;
  };

  const again = () => {
    source?.close();
    watcher.connection(false);
    if (planned !== undefined) return;
    planned = window.setTimeout(() => {
      void snapshot();
      connect();
    }, wait * (0.75 + Math.random() / 2));
    wait = Math.min(wait * 2, LONGEST_WAIT);
  };

  connect();
  window.setInterval(() => {
    if (planned === undefined && performance.now() - heard > SILENCE) again();
  }, 1000);
  window.addEventListener("online", again);
  window.addEventListener("pagehide", () => source?.close());
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) connect();
  });
}
