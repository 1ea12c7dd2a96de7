import type { Store } from "web-shared/storage.ts";

const KEY = "sound";

/** Two soft tones for a new message. Made on the spot, so that there is no file to load, and only after the visitor did something. */
export class Sound {
  readonly #store: Store;
  #audio: AudioContext | null = null;

  constructor(store: Store) {
    this.#store = store;
  }

  get on(): boolean {
    return this.#store.get(KEY) !== "off";
  }

  toggle(): void {
    this.#store.set(KEY, this.on ? "off" : "on");
    this.play();
  }

  /** To be called from a click or a key: browsers allow sound only then. */
  unlock(): void {
    this.#audio ??= typeof AudioContext === "function" ? new AudioContext() : null;
    if (this.#audio?.state === "suspended") void this.#audio.resume().catch(() => {});
  }

  play(): void {
    const audio = this.#audio;
    if (!audio || !this.on || audio.state !== "running") return;
    for (const [index, pitch] of [660, 880].entries()) {
      const start = audio.currentTime + index * 0.09;
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0, start);
      volume.gain.linearRampToValueAtTime(0.06, start + 0.015);
      volume.gain.exponentialRampToValueAtTime(0.0001, start + 0.22);
      tone.connect(volume).connect(audio.destination);
      tone.start(start);
      tone.stop(start + 0.25);
    }
  }
}
