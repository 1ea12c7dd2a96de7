import { isBridgeMessage, type ToFrame, type ToHost } from "../bridge.ts";

/** The chat's frame and the channel to it. Both ways the other side is known by its exact origin and window. */
export class ChatFrame {
  readonly element: HTMLIFrameElement;
  readonly #origin: string;
  readonly #stop: () => void;
  #loaded = false;

  constructor(
    origin: string,
    chatbot: string,
    title: string,
    onLoad: () => ToFrame,
    onMessage: (message: ToHost) => void,
  ) {
    this.#origin = origin;
    this.element = document.createElement("iframe");
    this.element.title = title;
    this.element.src = `${origin}/widget/${chatbot}`;
    // Each load, also one that the frame did itself, starts with `init`: from it the chat learns its parent's origin.
    this.element.addEventListener("load", () => {
      this.#loaded = true;
      this.post(onLoad());
    });
    const receive = (event: MessageEvent) => {
      if (event.origin !== origin || event.source === null || event.source !== this.element.contentWindow) return;
      if (isBridgeMessage<ToHost>(event.data)) onMessage(event.data);
    };
    addEventListener("message", receive);
    this.#stop = () => removeEventListener("message", receive);
  }

  /** Before the frame has loaded nothing needs telling: `init` carries the state of that moment. */
  post(message: ToFrame): void {
    if (this.#loaded) this.element.contentWindow?.postMessage(message, this.#origin);
  }

  remove(): void {
    this.#stop();
    this.element.remove();
  }
}
