// Draws peaks of one or two channels on a canvas: one lane a voice, what was heard in petrol, what is left in grey.

export interface Look {
  played: string;
  left: string;
  head: string;
}

/** `lanes`: for each channel, peaks of 0 to 1 over the whole length; `at`: how much of the sound was played, 0 to 1. */
export function drawWave(canvas: HTMLCanvasElement, lanes: number[][], at: number, look: Look): void {
  const ratio = window.devicePixelRatio || 1;
  const width = Math.round(canvas.clientWidth * ratio);
  const height = Math.round(canvas.clientHeight * ratio);
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const pen = canvas.getContext("2d");
  if (!pen || width === 0) return;
  pen.clearRect(0, 0, width, height);
  const bar = Math.max(1, Math.round(2 * ratio));
  const step = bar + Math.max(1, Math.round(ratio));
  const laneHeight = height / lanes.length;
  lanes.forEach((peaks, lane) => {
    const middle = laneHeight * (lane + 0.5);
    for (let x = 0; x < width; x += step) {
      const from = Math.floor((x / width) * peaks.length);
      const to = Math.max(from + 1, Math.floor(((x + step) / width) * peaks.length));
      const peak = Math.max(0, ...peaks.slice(from, to));
      const tall = Math.max(ratio, Math.min(1, peak) * (laneHeight - 6 * ratio));
      pen.fillStyle = x / width < at ? look.played : look.left;
      pen.fillRect(x, middle - tall / 2, bar, tall);
    }
  });
  pen.fillStyle = look.head;
  pen.fillRect(Math.min(width - 2 * ratio, at * width), 0, 2 * ratio, height);
}
