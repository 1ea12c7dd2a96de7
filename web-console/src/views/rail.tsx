/** The narrow rail: where you can go, and you. */

import type { ComponentChildren } from "preact";
import type { Availability } from "../../../web-shared/src/protocol.ts";
import { messageOf } from "../api/http.ts";
import type { Me } from "../api/types.ts";
import { BatonMark, BellIcon, type Icon, InboxIcon, KnowledgeIcon, SettingsIcon } from "../components/icons.tsx";
import { AvailabilityDot, Avatar } from "../components/marks.tsx";
import { Menu } from "../components/menu.tsx";
import { chatbotList } from "../state/chatbots.ts";
import { hub } from "../state/console.ts";
import { counts } from "../state/inbox.ts";
import { helpOpen, preferencesOpen } from "../state/overlays.ts";
import { type Theme, theme } from "../state/preferences.ts";
import { knowledgePath, route, settingsPath } from "../state/router.ts";
import { leave } from "../state/session.ts";
import { toast } from "../state/toasts.ts";
import { AVAILABILITY_MEANS, AVAILABILITY_WORDS, plural } from "../state/words.ts";

export function Rail({ me }: { readonly me: Me }) {
  const here = route.value;
  const chatbot = "chatbot" in here && here.chatbot !== null ? here.chatbot : chatbotList()[0]?.id;
  const { waiting, mineUnread } = counts.value;
  const attention = waiting + mineUnread;
  return (
    <nav class="rail" aria-label="Main">
      <a class="rail-mark" href="/" aria-label="Baton, start page" title="Baton">
        <BatonMark size={32} />
      </a>
      <RailLink href="/inbox" label="Inbox" icon={InboxIcon} current={here.view === "inbox"}>
        {attention > 0 && (
          <span class="badge">
            {attention > 99 ? "99+" : attention}
            <span class="sr-only">
              {` (${plural(waiting, "chat waiting", "chats waiting")}, ${plural(mineUnread, "chat of yours with news", "chats of yours with news")})`}
            </span>
          </span>
        )}
      </RailLink>
      <RailLink
        href={chatbot ? knowledgePath(chatbot) : "/"}
        label="Knowledge"
        icon={KnowledgeIcon}
        current={here.view === "knowledge"}
      />
      <RailLink
        href={chatbot ? settingsPath(chatbot) : "/"}
        label="Settings"
        icon={SettingsIcon}
        current={here.view === "settings"}
      />
      <RailLink href="/notifications" label="Notifications" icon={BellIcon} current={here.view === "notifications"} />
      <div class="rail-space" />
      <MeMenu me={me} />
    </nav>
  );
}

interface RailLinkProps {
  readonly href: string;
  readonly label: string;
  readonly icon: Icon;
  readonly current: boolean;
  readonly children?: ComponentChildren;
}

function RailLink({ href, label, icon: Glyph, current, children }: RailLinkProps) {
  return (
    <a class="rail-link" href={href} {...(current ? { "aria-current": "page" as const } : {})}>
      <span class="rail-glyph">
        <Glyph />
        {children}
      </span>
      <span class="rail-label">{label}</span>
    </a>
  );
}

const AVAILABILITIES: readonly Availability[] = ["online", "away", "offline"];
const THEMES: readonly (readonly [Theme, string])[] = [
  ["system", "Like the system"],
  ["light", "Light"],
  ["dark", "Dark"],
];

function MeMenu({ me }: { readonly me: Me }) {
  const line = hub.value;
  const availability = line?.availability.value ?? me.availability;
  const choose = (next: Availability): void => {
    if (!line?.setAvailability(next))
      toast("Not connected: your availability was not changed. Try again in a moment.", "error");
  };
  return (
    <Menu
      label={`${me.name}, ${AVAILABILITY_WORDS[availability]}`}
      class="rail-me"
      side="beside"
      groups={[
        {
          heading: `${me.name} · ${me.workspace.name}`,
          items: AVAILABILITIES.map((name) => ({
            label: AVAILABILITY_WORDS[name],
            hint: AVAILABILITY_MEANS[name],
            checked: name === availability,
            mark: <span class={`dot dot-${name}`} aria-hidden="true" />,
            run: () => choose(name),
          })),
        },
        {
          heading: "Theme",
          items: THEMES.map(([name, label]) => ({
            label,
            checked: theme.value === name,
            run: () => {
              theme.value = name;
            },
          })),
        },
        {
          items: [
            { label: "Sounds and alerts", run: () => (preferencesOpen.value = true) },
            { label: "Keyboard", keys: "?", run: () => (helpOpen.value = true) },
          ],
        },
        {
          items: [
            { label: "Log out", run: () => void leave().catch((error: unknown) => toast(messageOf(error), "error")) },
          ],
        },
      ]}
    >
      <Avatar agent={me} />
      <AvailabilityDot availability={availability} />
    </Menu>
  );
}
