/** Two short tones made on the spot: no file, no request, and different enough to tell apart without looking. */

let context: AudioContext | null = null;

/** Browsers let a page sound only after a gesture; until then the context stays suspended and this is silent. */
export function armChime(): void {
  const arm = (): void => {
    context ??= new AudioContext();
    void context.resume();
  };
  addEventListener("pointerdown", arm, { once: true });
  addEventListener("keydown", arm, { once: true });
}

export function chime(kind: "waiting" | "message"): void {
  if (context?.state !== "running") return;
  const [first, second] = kind === "waiting" ? [659, 880] : [523, 587];
  tone(context, first as number, 0, 0.16);
  tone(context, second as number, 0.14, 0.3);
}

function tone(audio: AudioContext, frequency: number, delay: number, length: number): void {
  const start = audio.currentTime + delay;
  const oscillator = audio.createOscillator();
  const gain = audio.createGain();
  oscillator.type = "sine";
  oscillator.frequency.value = frequency;
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(0.12, start + 0.02);
  gain.gain.exponentialRampToValueAtTime(0.0001, start + length);
  oscillator.connect(gain).connect(audio.destination);
  oscillator.start(start);
  oscillator.stop(start + length);
}
