// An agent's duty ends when their desk page has been gone for too long. Who reads another page of ours is still there, so
// every other page says so now and then; the desk page does it by loading its panel.

/** Far below the limit of ten minutes, also where a browser lets a hidden page wake up once in a minute only. */
const EVERY = 60_000;

export function stayOnDuty(): void {
  const address = document.body.dataset["onDuty"];
  if (!address || document.getElementById("desk")) return;
  const timer = window.setInterval(async () => {
    try {
      const answer = await fetch(address, {
        headers: { "HX-Request": "true", Accept: "text/html" },
        signal: AbortSignal.timeout(10_000),
      });
      if (answer.status === 401) window.clearInterval(timer);
    } catch {
      // The next one will do.
    }
  }, EVERY);
}
