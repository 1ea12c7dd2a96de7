import { useEffect, useRef, useState } from "preact/hooks";
import { visibleText } from "../../../web-shared/src/hidden.ts";
import type { Availability } from "../../../web-shared/src/protocol.ts";
import { Dialog } from "../components/dialog.tsx";
import { chatbotList } from "../state/chatbots.ts";
import { type Command, findCommands } from "../state/command-list.ts";
import { hub } from "../state/console.ts";
import { rows } from "../state/inbox.ts";
import { commandBarOpen, helpOpen, newChatbotOpen, preferencesOpen } from "../state/overlays.ts";
import { type Theme, theme } from "../state/preferences.ts";
import { inboxPath, knowledgePath, navigate, settingsPath } from "../state/router.ts";
import { leave, mayManage } from "../state/session.ts";
import { availableActions, SHORTCUTS } from "../state/shortcuts.ts";
import { AVAILABILITY_WORDS, STATUS_WORDS } from "../state/words.ts";

const SHOWN = 50;

export function CommandBar() {
  return commandBarOpen.value ? <OpenBar /> : null;
}

function OpenBar() {
  const [commands] = useState(allCommands);
  const [typed, setTyped] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef<HTMLDivElement>(null);
  const found = findCommands(commands, typed).slice(0, SHOWN);
  const close = (): void => {
    commandBarOpen.value = false;
  };
  const run = (command: Command | undefined): void => {
    if (!command) return;
    close();
    // After the dialog has given the focus back, so that a command may move it.
    setTimeout(command.run);
  };
  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: "nearest" });
  }, [at]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown") setAt(Math.min(found.length - 1, at + 1));
    else if (event.key === "ArrowUp") setAt(Math.max(0, at - 1));
    else if (event.key === "Enter") run(found[at]);
    else return;
    event.preventDefault();
  };

  return (
    <Dialog title="Go to or do anything" onClose={close} bare>
      <input
        class="command-input"
        role="combobox"
        aria-expanded
        aria-controls="commands"
        aria-activedescendant={found[at] ? `command-${at}` : ""}
        aria-label="Go to or do anything"
        placeholder="Go to or do anything…"
        autocomplete="off"
        autofocus
        value={typed}
        onInput={(event) => {
          setTyped(event.currentTarget.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div class="commands" role="listbox" id="commands" aria-label="Commands" tabIndex={-1} ref={list}>
        {found.map((command, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are handled by the field above
          <div
            key={`${command.label} ${command.about}`}
            id={`command-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === at}
            class="command"
            onPointerMove={() => setAt(index)}
            onClick={() => run(command)}
          >
            <span>{command.label}</span>
            {command.keys !== undefined && <kbd>{command.keys}</kbd>}
          </div>
        ))}
      </div>
      {found.length === 0 && <p class="command-none">Nothing is called that.</p>}
    </Dialog>
  );
}

function allCommands(): readonly Command[] {
  const go = (label: string, to: string, about = ""): Command => ({ label, about, run: () => void navigate(to) });
  const offered = availableActions();
  const actions = SHORTCUTS.filter(
    ({ action }) => offered[action] && !/^(help|command_bar|next|previous|open)$/.test(action),
  );
  const availabilities: readonly Availability[] = ["online", "away", "offline"];
  const themes: readonly Theme[] = ["system", "light", "dark"];
  return [
    ...actions.map(({ action, keys, says }) => ({ label: says, about: "", keys, run: () => offered[action]?.() })),
    go("Inbox", "/inbox", "conversations"),
    ...chatbotList().flatMap(({ id, settings }) => [
      go(`Inbox of ${settings.name}`, inboxPath(id), id),
      go(`Knowledge of ${settings.name}`, knowledgePath(id), `${id} documents`),
      go(`Settings of ${settings.name}`, settingsPath(id), `${id} colour handoff texts embed`),
    ]),
    go("Notifications", "/notifications", "jobs mails outbox"),
    ...(mayManage.peek() ? [{ label: "New chatbot", about: "create", run: () => (newChatbotOpen.value = true) }] : []),
    ...availabilities.map((name) => ({
      label: `Be ${AVAILABILITY_WORDS[name].toLowerCase()}`,
      about: "availability status",
      run: () => void hub.peek()?.setAvailability(name),
    })),
    ...themes.map((name) => ({
      label: name === "system" ? "Theme like the system" : `${name === "dark" ? "Dark" : "Light"} theme`,
      about: "appearance",
      run: () => {
        theme.value = name;
      },
    })),
    { label: "Sounds and alerts", about: "notifications mute", run: () => (preferencesOpen.value = true) },
    { label: "Keyboard", about: "shortcuts help", keys: "?", run: () => (helpOpen.value = true) },
    { label: "Log out", about: "sign out", run: () => void leave() },
    ...[...rows.value.values()].map((row) =>
      go(
        `${row.visitor_name}${row.country === "" ? "" : ` · ${row.country}`}`,
        `/inbox?conversation=${row.conversation}`,
        `${STATUS_WORDS[row.status]} ${visibleText(row.preview)}`,
      ),
    ),
  ];
}
