/** The agent portal: one conversation, opened by a link from a mail, without login. Opening it changes nothing. */

import "../../web-shared/src/tokens.css";
import "./styles/index.css";
import { render } from "preact";
import { browserStore } from "../../web-shared/src/storage.ts";
import { startClock } from "./state/clock.ts";
import { followFocus } from "./state/focus.ts";
import { Hub, socketUrl } from "./state/hub.ts";
import { PORTAL_PREFIX, takePortalToken } from "./state/portal-token.ts";
import { startTheme } from "./state/theme.ts";
import { PortalClosed } from "./views/portal/portal-closed.tsx";
import { PortalView } from "./views/portal/portal-view.tsx";

function tabStorage(): Storage | null {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}

startTheme();
startClock();
followFocus();
// Another link pasted into this tab is another conversation.
addEventListener("hashchange", () => location.reload());

const token = takePortalToken({
  hash: location.hash,
  storage: tabStorage(),
  clean: () => history.replaceState(null, "", location.pathname),
});

const root = document.getElementById("app");
if (root && token === null) render(<PortalClosed reason="incomplete" />, root);
else if (root) {
  const hub = new Hub({
    url: socketUrl("/ws/agent"),
    portalToken: token,
    store: browserStore(PORTAL_PREFIX, () => sessionStorage),
    watch: false,
  });
  hub.start();
  render(<PortalView hub={hub} />, root);
}
