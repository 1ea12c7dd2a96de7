/** What lies over the page. */

import { signal } from "@preact/signals";

export const helpOpen = signal(false);
export const commandBarOpen = signal(false);
export const preferencesOpen = signal(false);
export const newChatbotOpen = signal(false);
/** The conversation for which a colleague is being chosen. */
export const transferring = signal<string | null>(null);
