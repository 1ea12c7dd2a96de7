import { Dialog } from "../components/dialog.tsx";
import { helpOpen } from "../state/overlays.ts";
import { singleKeys } from "../state/preferences.ts";
import { SHORTCUTS } from "../state/shortcuts.ts";

export const shownKeys = (keys: string): string =>
  /Mac|iP(hone|ad)/.test(navigator.platform) ? keys.replace("Ctrl+", "⌘") : keys;

export function HelpDialog() {
  if (!helpOpen.value) return null;
  return (
    <Dialog title="Keyboard" onClose={() => (helpOpen.value = false)}>
      {singleKeys.value === "off" && (
        <p class="notice">Single-key shortcuts are switched off under “Sounds and alerts”.</p>
      )}
      <dl class="keys">
        {SHORTCUTS.map(({ action, keys, says }) => (
          <div key={action}>
            <dt>
              <kbd>{shownKeys(keys)}</kbd>
            </dt>
            <dd>{says}</dd>
          </div>
        ))}
      </dl>
      <p class="quiet">In the composer: Enter sends, Shift+Enter starts a new line, Escape leaves it.</p>
    </Dialog>
  );
}
