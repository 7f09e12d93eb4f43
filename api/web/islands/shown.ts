// How numbers look while they move. The still ones come from api/web/shown.py and must look the same.

export type Language = "fa" | "en";

export const digits = (text: string, language: Language): string =>
  language === "fa" ? text.replace(/[0-9]/g, (digit) => String.fromCharCode(0x06f0 + Number(digit))) : text;

/** 125 → «۲:۰۵»; 3725 → «۱:۰۲:۰۵»; never below zero. */
export function span(seconds: number, language: Language): string {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  const pad = (part: number) => String(part).padStart(2, "0");
  const rest = pad(whole % 60);
  return digits(hours > 0 ? `${hours}:${pad(minutes)}:${rest}` : `${minutes}:${rest}`, language);
}

export function number(value: number | null | undefined, language: Language): string {
  if (value === null || value === undefined) return "–";
  const text = value.toLocaleString("en-US");
  return digits(language === "fa" ? text.replaceAll(",", "٬") : text, language);
}

/** 0.8269 → «۸۲٫۷٪». */
export function percent(ratio: number | null | undefined, language: Language): string {
  if (ratio === null || ratio === undefined) return "–";
  const text = (100 * ratio).toFixed(1);
  return language === "fa" ? `${digits(text.replace(".", "٫"), language)}٪` : `${text}%`;
}

const tehran = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Asia/Tehran",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

/** Time of day in Tehran with seconds. */
export const clock = (instant: number, language: Language): string => digits(tehran.format(instant), language);

/** Puts values into a text of the page: `fill("از ساعت {time}", {time: "…"})`. */
export const fill = (text: string, values: Record<string, string>): string =>
  text.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
