/** The console. */

import "../../web-shared/src/tokens.css";
import "./styles/index.css";
import { render } from "preact";
import { Failure } from "./components/states.tsx";
import { armChime } from "./state/chime.ts";
import { startClock } from "./state/clock.ts";
import { startConsole } from "./state/console.ts";
import { followFocus } from "./state/focus.ts";
import { singleKeys } from "./state/preferences.ts";
import { route, startRouter } from "./state/router.ts";
import { loadSession, session } from "./state/session.ts";
import { startShortcuts } from "./state/shortcuts.ts";
import { startTheme } from "./state/theme.ts";
import { LoginView } from "./views/login.tsx";
import { SetupView } from "./views/setup.tsx";
import { Shell } from "./views/shell.tsx";

function App() {
  const who = session.value;
  switch (who.is) {
    case "unknown":
      return null;
    case "unreachable":
      return (
        <main class="door">
          <Failure title="Baton is not reachable" message={who.message} onRetry={() => void loadSession()} />
        </main>
      );
    case "nobody":
      if (route.value.view === "setup") return <SetupView />;
      return route.value.view === "login" ? <LoginView /> : null;
    case "agent":
      return <Shell me={who.me} />;
  }
}

startTheme();
startClock();
startRouter();
followFocus();
armChime();
startShortcuts(() => singleKeys.peek() === "on");
startConsole();
void loadSession();

const root = document.getElementById("app");
if (root) render(<App />, root);
