// The sound player: play and pause, seek by slider or wave, speed, all by keyboard. The plain <audio> below it is what
// people without JavaScript get; here it stays as the engine. Sound is fetched only when somebody presses play,
// because each hearing is written to the audit trail.

import { digits, type Language, span } from "./shown";
import { drawWave } from "./waveform";

const JUMP_SECONDS = 5;

function start(box: HTMLElement): void {
  if (box.dataset["ready"]) return;
  const find = <Kind extends HTMLElement>(selector: string) => box.querySelector<Kind>(selector);
  const audio = find<HTMLAudioElement>("audio");
  const desk = find(".desk");
  const toggle = find<HTMLButtonElement>("[data-do=toggle]");
  const seek = find<HTMLInputElement>(".seek");
  const canvas = find<HTMLCanvasElement>("canvas");
  const speed = find<HTMLSelectElement>("select");
  if (!audio || !desk || !toggle || !seek || !canvas || !speed) return;

  const language = (document.documentElement.lang === "en" ? "en" : "fa") as Language;
  const words = JSON.parse(box.dataset["words"] ?? "{}") as Record<string, string>;
  const known = Number(box.dataset["seconds"]) || 0;
  const lanes = JSON.parse(box.dataset["peaks"] ?? "[]") as number[][];
  const length = () => (Number.isFinite(audio.duration) && audio.duration > 0 ? audio.duration : known);
  const colours = getComputedStyle(document.documentElement);
  const look = {
    played: colours.getPropertyValue("--petrol").trim(),
    left: colours.getPropertyValue("--wave").trim(),
    head: colours.getPropertyValue("--signal").trim(),
  };

  audio.controls = false;
  box.dataset["ready"] = "true";
  desk.hidden = false;
  seek.max = String(length());

  function show(): void {
    const total = length();
    const at = audio!.currentTime;
    seek!.max = String(total);
    seek!.value = String(at);
    const text = `${span(at, language)} / ${span(total, language)}`;
    seek!.setAttribute("aria-valuetext", text);
    find(".clock")!.textContent = text;
    const playing = !audio!.paused;
    toggle!.setAttribute("aria-label", words[playing ? "pause" : "play"] ?? "");
    toggle!.querySelector("use")?.setAttribute("href", playing ? "#i-pause" : "#i-play");
    box.dataset["playing"] = String(playing);
    if (lanes.length > 0) drawWave(canvas!, lanes, total > 0 ? at / total : 0, look);
  }

  const jump = (to: number) => {
    audio.currentTime = Math.max(0, Math.min(length(), to));
    show();
  };

  const press = () => {
    if (!audio.paused) return audio.pause();
    audio.play().catch(() => {
      find(".failed")!.hidden = false;
    });
  };

  toggle.addEventListener("click", press);
  find("[data-do=back]")?.addEventListener("click", () => jump(audio.currentTime - JUMP_SECONDS));
  find("[data-do=forward]")?.addEventListener("click", () => jump(audio.currentTime + JUMP_SECONDS));
  seek.addEventListener("input", () => jump(Number(seek.value)));
  canvas.addEventListener("click", (event) => jump((event.offsetX / canvas.clientWidth) * length()));
  speed.addEventListener("change", () => {
    audio.playbackRate = Number(speed.value);
  });
  desk.addEventListener("keydown", (event) => {
    if (event.key === " " && event.target === seek) {
      event.preventDefault();
      press();
    }
  });
  for (const name of ["play", "pause", "ended", "timeupdate", "loadedmetadata", "seeked"]) {
    audio.addEventListener(name, show);
  }
  audio.addEventListener("error", () => {
    find(".failed")!.hidden = false;
  });
  for (const option of speed.options) option.textContent = digits(option.textContent ?? "", language);
  new ResizeObserver(show).observe(canvas);
  show();
}

const startAll = () => {
  for (const box of document.querySelectorAll<HTMLElement>("[data-player]")) start(box);
};
startAll();
document.addEventListener("htmx:afterSwap", startAll);
