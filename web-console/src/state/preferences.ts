/** What this agent chose for this browser. */

import { oneOf, storedSignal } from "./stored.ts";

export type Switch = "on" | "off";
const onOff = oneOf<Switch>("on", "off");

export type Theme = "system" | "light" | "dark";
export const theme = storedSignal<Theme>("baton.theme", "system", oneOf<Theme>("system", "light", "dark"));
export const sound = storedSignal<Switch>("baton.sound", "on", onOff);
/** Separate from the browser's permission: it can be granted and still not wanted. */
export const desktopAlerts = storedSignal<Switch>("baton.desktop-alerts", "on", onOff);
/** The agent was asked about browser notifications and said "not now". */
export const alertsDeclined = storedSignal<"yes" | "no">("baton.alerts-declined", "no", oneOf("yes", "no"));
export const singleKeys = storedSignal<Switch>("baton.single-keys", "on", onOff);
export const visitorPanel = storedSignal<"shown" | "hidden">("baton.visitor-panel", "shown", oneOf("shown", "hidden"));
