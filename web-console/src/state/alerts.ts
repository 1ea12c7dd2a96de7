/** Calling the agent: the sound, the browser's notification, the number in the title. */

import { computed, signal } from "@preact/signals";
import { visibleText } from "../../../web-shared/src/hidden.ts";
import type { Alert } from "./alert-rules.ts";
import { chime } from "./chime.ts";
import { alertsDeclined, desktopAlerts, sound } from "./preferences.ts";
import { inboxPath, navigate } from "./router.ts";

const supported = typeof Notification !== "undefined";

export const permission = signal<NotificationPermission | "unsupported">(
  supported ? Notification.permission : "unsupported",
);

/** The question is put by our own words first: the browser's box can be answered only once. */
export const shouldAskPermission = computed(
  () => permission.value === "default" && desktopAlerts.value === "on" && alertsDeclined.value === "no",
);

export async function askPermission(): Promise<void> {
  if (!supported) return;
  permission.value = await Notification.requestPermission();
}

export function announce({ kind, row }: Alert): void {
  if (sound.value === "on") chime(kind);
  const looking = document.visibilityState === "visible" && document.hasFocus();
  if (looking || desktopAlerts.value === "off" || permission.value !== "granted") return;
  const title = kind === "waiting" ? `${row.visitor_name} is waiting for a human` : `${row.visitor_name} wrote`;
  // One notification per conversation: a newer one replaces the older.
  const notification = new Notification(title, { body: visibleText(row.preview), tag: row.conversation });
  notification.onclick = () => {
    window.focus();
    void navigate(`${inboxPath(null)}?conversation=${row.conversation}`);
    notification.close();
  };
}
