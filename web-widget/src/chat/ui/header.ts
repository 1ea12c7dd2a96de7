import { hueOf, initials } from "web-shared/names.ts";
import type { AgentView } from "web-shared/protocol.ts";
import type { Context } from "../context.ts";
import { icon, iconButton, make } from "../dom.ts";
import type { ChatState } from "../session.ts";
import type { Sound } from "../sound.ts";

type Dot = { color: "online" | "waiting" | "offline"; word: string } | null;

/** Who the visitor is talking to, whether they are there, sound and close. */
export class Header {
  readonly element = make("header");
  readonly #context: Context;
  readonly #avatar = make("div", { class: "avatar-place" });
  readonly #name = make("h1");
  readonly #status = make("p", { class: "presence" });
  readonly #sound: HTMLButtonElement;
  #shown = "";

  constructor(context: Context, sound: Sound) {
    this.#context = context;
    this.#sound = iconButton("sound", "", () => {
      sound.toggle();
      this.#showSound(sound);
    });
    this.element.append(this.#avatar, make("div", { class: "who" }, this.#name, this.#status), this.#sound);
    if (context.host.framed) {
      const close = () => context.host.post({ baton: 1, type: "close" });
      this.element.append(iconButton("close", context.t("closeChat"), close));
    }
    this.#showSound(sound);
  }

  update(state: ChatState): void {
    const agent = state.log?.assignee ?? null;
    const dot = this.#dot(state);
    const name = agent?.name ?? state.chatbot?.name ?? "";
    const role = agent || !state.chatbot ? "" : this.#context.t("aiAssistant");
    const shown = JSON.stringify([agent, name, role, dot]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#avatar.replaceChildren(agent ? agentAvatar(agent) : aiAvatar());
    this.#name.textContent = name;
    this.#status.replaceChildren();
    if (role) this.#status.append(make("span", { class: "role" }, role));
    if (dot) this.#status.append(make("span", { class: `dot ${dot.color}`, "aria-hidden": "true" }), dot.word);
  }

  /** The agent's own dot when one holds the chat, else the team's, where there is a team to reach. */
  #dot({ log, assigneeOnline, team, chatbot }: ChatState): Dot {
    const { t } = this.#context;
    if (log?.assignee) {
      if (assigneeOnline === null) return null;
      return assigneeOnline ? { color: "online", word: t("online") } : { color: "offline", word: t("offline") };
    }
    if (!chatbot?.handoff_enabled) return null;
    switch (team) {
      case "available":
        return { color: "online", word: t("teamAvailable") };
      case "busy":
        return { color: "waiting", word: t("teamBusy") };
      case "offline":
        return { color: "offline", word: t("teamOffline") };
      default:
        return null;
    }
  }

  #showSound(sound: Sound): void {
    const label = this.#context.t(sound.on ? "soundOn" : "soundOff");
    this.#sound.replaceChildren(icon(sound.on ? "sound" : "mute"));
    this.#sound.setAttribute("aria-label", label);
    this.#sound.title = label;
  }
}

export function agentAvatar({ id, name }: AgentView): HTMLElement {
  const avatar = make("div", { class: "avatar agent", "aria-hidden": "true" }, initials(name));
  avatar.style.setProperty("--hue", String(hueOf(id)));
  return avatar;
}

export function aiAvatar(): HTMLElement {
  return make("div", { class: "avatar ai", "aria-hidden": "true" }, icon("spark"));
}
