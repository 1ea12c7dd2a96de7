import { askPermission, shouldAskPermission } from "../../state/alerts.ts";
import { alertsDeclined } from "../../state/preferences.ts";

/** Says why before the browser asks, because its own question can be answered only once. */
export function AlertsOffer() {
  if (!shouldAskPermission.value) return null;
  return (
    <aside class="offer" aria-label="Notifications">
      <p>
        <strong>Hear of a waiting visitor in another tab?</strong> The browser will ask once. Only new waiting chats and
        messages to you are shown.
      </p>
      <div class="offer-actions">
        <button type="button" class="button button-small" onClick={() => void askPermission()}>
          Allow notifications
        </button>
        <button type="button" class="link-button" onClick={() => (alertsDeclined.value = "yes")}>
          Not now
        </button>
      </div>
    </aside>
  );
}
