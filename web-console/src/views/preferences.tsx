import { Dialog } from "../components/dialog.tsx";
import { Toggle } from "../components/field.tsx";
import { askPermission, permission } from "../state/alerts.ts";
import { chime } from "../state/chime.ts";
import { preferencesOpen } from "../state/overlays.ts";
import { desktopAlerts, type Switch, singleKeys, sound } from "../state/preferences.ts";

const word = (on: boolean): Switch => (on ? "on" : "off");

export function PreferencesDialog() {
  if (!preferencesOpen.value) return null;
  return (
    <Dialog title="Sounds and alerts" onClose={() => (preferencesOpen.value = false)}>
      <div class="stack">
        <Toggle
          label="Sound"
          hint="Two tones when somebody starts to wait, and when a visitor of yours writes."
          checked={sound.value === "on"}
          onChange={(on) => {
            sound.value = word(on);
            if (on) chime("waiting");
          }}
        />
        <Toggle
          label="Browser notifications"
          hint="Shown while this page is in the background."
          checked={desktopAlerts.value === "on" && permission.value === "granted"}
          onChange={(on) => {
            desktopAlerts.value = word(on);
            if (on && permission.value === "default") void askPermission();
          }}
        />
        {permission.value === "denied" && (
          <p class="notice">
            This browser blocks notifications of this site. Allow them in the site settings, left of the address, then
            reload this page.
          </p>
        )}
        {permission.value === "unsupported" && (
          <p class="notice">This browser has no notifications for pages, or the page is not on https.</p>
        )}
        <Toggle
          label="Single-key shortcuts"
          hint="Keys like j, k and a. Switch them off if you dictate or press keys by accident; Ctrl+K stays."
          checked={singleKeys.value === "on"}
          onChange={(on) => (singleKeys.value = word(on))}
        />
        <p class="quiet">These choices are kept in this browser.</p>
      </div>
    </Dialog>
  );
}
