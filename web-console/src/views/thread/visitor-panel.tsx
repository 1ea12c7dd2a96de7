import { useEffect, useState } from "preact/hooks";
import { webAddress } from "../../../../web-shared/src/links.ts";
import type { VisitorView } from "../../../../web-shared/src/protocol.ts";
import { fullTime } from "../../../../web-shared/src/time.ts";
import { portalLinks, revokePortalLinks } from "../../api/endpoints.ts";
import { messageOf } from "../../api/http.ts";
import type { PortalLink } from "../../api/types.ts";
import { confirm } from "../../components/dialog.tsx";
import { CloseIcon } from "../../components/icons.tsx";
import { PresenceDot } from "../../components/marks.tsx";
import { LOCALE } from "../../components/times.tsx";
import { VisibleText } from "../../components/visible-text.tsx";
import { toast } from "../../state/toasts.ts";
import { describeBrowser } from "../../state/user-agent.ts";
import { countryName, languageName, plural } from "../../state/words.ts";

interface Props {
  readonly name: string;
  readonly conversation: string;
  readonly online: boolean | null;
  readonly visitor: VisitorView | null;
  readonly startedAt: number | null;
  /** Links are the team's business; a portal is such a link itself. */
  readonly links: boolean;
  readonly onClose: () => void;
}

export function VisitorPanel({ name, conversation, online, visitor, startedAt, links, onClose }: Props) {
  return (
    <aside class="pane-panel" aria-label="Visitor">
      <header class="panel-head">
        <h2>{name}</h2>
        <button type="button" class="icon-button panel-close" aria-label="Close visitor details" onClick={onClose}>
          <CloseIcon />
        </button>
      </header>
      {online !== null && (
        <p class="panel-presence">
          <PresenceDot online={online} />
          <span aria-hidden="true">{online ? "Online now" : "Offline"}</span>
        </p>
      )}
      {visitor && (
        <dl class="facts">
          <Fact name="IP address" value={visitor.ip} mono />
          <Fact name="Country" value={countryName(visitor.country)} />
          <Fact name="Page" value={visitor.page_title || visitor.page_url} href={visitor.page_url} />
          <Fact name="Came from" value={hostOf(visitor.referrer)} href={visitor.referrer} />
          <Fact name="Browser" value={describeBrowser(visitor.user_agent)} title={visitor.user_agent} />
          <Fact name="Language" value={languageName(visitor.language)} />
          <Fact name="First seen" value={startedAt === null ? "" : fullTime(startedAt, LOCALE)} />
        </dl>
      )}
      {links && <Links key={conversation} conversation={conversation} />}
    </aside>
  );
}

interface FactProps {
  readonly name: string;
  readonly value: string;
  readonly href?: string;
  readonly title?: string;
  readonly mono?: boolean;
}

function Fact({ name, value, href, title, mono }: FactProps) {
  const address = webAddress(href ?? null);
  return (
    <div>
      <dt>{name}</dt>
      <dd class={mono ? "mono" : ""} title={title ?? ""}>
        {value === "" ? (
          <span class="quiet">Unknown</span>
        ) : address ? (
          <a href={address} target="_blank" rel="noreferrer noopener">
            <VisibleText text={value} />
          </a>
        ) : (
          <VisibleText text={value} />
        )}
      </dd>
    </div>
  );
}

function hostOf(address: string): string {
  if (address === "") return "Direct";
  return URL.canParse(address) ? new URL(address).host : address;
}

/** The links that were mailed out: who holds one can answer without a login. */
function Links({ conversation }: { readonly conversation: string }) {
  const [links, setLinks] = useState<readonly PortalLink[]>([]);
  useEffect(() => {
    let current = true;
    portalLinks(conversation)
      .then((found) => current && setLinks(found))
      // The panel is complete without them; nothing to do for the agent.
      .catch(() => {});
    return () => {
      current = false;
    };
  }, [conversation]);
  const live = links.filter((link) => !link.revoked && link.expires_at > Date.now());
  if (live.length === 0) return null;

  const revoke = async (): Promise<void> => {
    const sure = await confirm({
      title: "Revoke the links to this chat?",
      text: "Links in mails that were already sent stop working at once. This can't be undone.",
      yes: "Revoke",
      no: "Keep them",
      danger: true,
    });
    if (!sure) return;
    try {
      await revokePortalLinks(conversation);
      setLinks([]);
      toast("The links were revoked.");
    } catch (error) {
      toast(`The links still work. ${messageOf(error)}`, "error");
    }
  };
  return (
    <section class="panel-links">
      <h3>Links without login</h3>
      <p class="quiet">{plural(live.length, "link was mailed", "links were mailed")} to:</p>
      <ul>
        {live.map((link) => (
          <li key={link.id}>
            {link.address}
            <span class="quiet"> until {fullTime(link.expires_at, LOCALE)}</span>
          </li>
        ))}
      </ul>
      <button type="button" class="button button-small" onClick={() => void revoke()}>
        Revoke
      </button>
    </section>
  );
}
