/** The chatbots of the workspace: few, therefore held whole. */

import { signal } from "@preact/signals";
import * as api from "../api/endpoints.ts";
import { messageOf } from "../api/http.ts";
import type { Chatbot, Settings } from "../api/types.ts";

export type Loaded<T> =
  | { readonly is: "loading" }
  | { readonly is: "failed"; readonly message: string }
  | { readonly is: "ready"; readonly value: T };

export const chatbots = signal<Loaded<readonly Chatbot[]>>({ is: "loading" });

export async function loadChatbots(): Promise<void> {
  try {
    chatbots.value = { is: "ready", value: await api.chatbots() };
  } catch (error) {
    chatbots.value = { is: "failed", message: messageOf(error) };
  }
}

export const chatbotList = (): readonly Chatbot[] => (chatbots.value.is === "ready" ? chatbots.value.value : []);
export const chatbotById = (id: string): Chatbot | undefined => chatbotList().find((chatbot) => chatbot.id === id);

/** Seconds after which waiting is marked amber; the server's default until the list is here. */
export const waitLimitSeconds = (chatbot: string): number => chatbotById(chatbot)?.settings.wait_warning_seconds ?? 120;

export async function createChatbot(name: string): Promise<Chatbot> {
  const made = await api.createChatbot(name);
  put(made);
  return made;
}

export async function saveSettings(id: string, settings: Settings): Promise<Chatbot> {
  const saved = await api.saveSettings(id, settings);
  put(saved);
  return saved;
}

function put(chatbot: Chatbot): void {
  const others = chatbotList().filter((other) => other.id !== chatbot.id);
  const value = [...others, chatbot].sort((a, b) => a.settings.name.localeCompare(b.settings.name));
  chatbots.value = { is: "ready", value };
}
