/** Colour arithmetic of WCAG 2.2 for the one colour that an owner chooses freely. */
export type Rgb = readonly [red: number, green: number, blue: number];

export function parseHex(color: string): Rgb | null {
  const match = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(color.trim());
  if (!match) return null;
  const [, red = "0", green = "0", blue = "0"] = match;
  return [Number.parseInt(red, 16), Number.parseInt(green, 16), Number.parseInt(blue, 16)];
}

function luminance([red, green, blue]: Rgb): number {
  const linear = (channel: number) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

/** From 1 (none) to 21 (black on white). */
export function contrast(a: Rgb, b: Rgb): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

const WHITE: Rgb = [255, 255, 255];
const BLACK: Rgb = [0, 0, 0];

/** White or black: one of the two always reaches 4.5:1. */
export function textOn(background: string): string {
  const color = parseHex(background);
  return color === null || contrast(color, WHITE) >= 4.5 ? "#ffffff" : "#000000";
}

/** `color`, mixed towards black or white just until it reaches `ratio` on `surface`: a brand colour as text or as a border. */
export function readableOn(surface: string, color: string, ratio = 4.5): string {
  const base = parseHex(color);
  const ground = parseHex(surface);
  if (!base || !ground) return color;
  const target = contrast(ground, BLACK) > contrast(ground, WHITE) ? BLACK : WHITE;
  for (let step = 0; step <= 20; step++) {
    const mixed = base.map((channel, index) => Math.round(channel + ((target[index] ?? 0) - channel) * (step / 20)));
    if (contrast(mixed as unknown as Rgb, ground) >= ratio) return toHex(mixed);
  }
  return toHex(target);
}

function toHex(channels: readonly number[]): string {
  return `#${channels.map((channel) => channel.toString(16).padStart(2, "0")).join("")}`;
}
