import { useEffect, useState } from "preact/hooks";
import { splitLinks } from "../../../../web-shared/src/links.ts";
import { outboxMail } from "../../api/endpoints.ts";
import { messageOf } from "../../api/http.ts";
import type { Mail, Outbox } from "../../api/types.ts";
import { MailIcon } from "../../components/icons.tsx";
import { Empty, Failure, Skeleton } from "../../components/states.tsx";
import { Ago } from "../../components/times.tsx";
import type { Loaded } from "../../state/chatbots.ts";

interface Props {
  readonly box: Loaded<Outbox>;
  readonly reload: () => Promise<void>;
}

export function OutboxList({ box, reload }: Props) {
  const [open, setOpen] = useState<string | null>(null);
  useEffect(() => void reload(), [reload]);
  if (box.is === "loading") return <Skeleton lines={4} label="Loading mails" />;
  if (box.is === "failed")
    return <Failure title="The mails could not be loaded" message={box.message} onRetry={() => void reload()} />;
  const { mails, smtp_configured } = box.value;
  if (mails.length === 0) {
    return (
      <Empty title="No mails on disk" icon={<MailIcon size={28} />}>
        <p>
          {smtp_configured
            ? "A mail server is configured, so mails are sent and not kept here."
            : "When somebody asks for a human, the mail to your team is written here, with the link to join."}
        </p>
      </Empty>
    );
  }
  return (
    <ul class="mails">
      {mails.map(({ id, to, subject, at }) => (
        <li key={id} class="mail">
          <button
            type="button"
            class="mail-head"
            aria-expanded={open === id}
            onClick={() => setOpen(open === id ? null : id)}
          >
            <span class="mail-subject">{subject}</span>
            <span class="quiet">
              To {to} · <Ago at={at} />
            </span>
          </button>
          {open === id && <MailText id={id} />}
        </li>
      ))}
    </ul>
  );
}

function MailText({ id }: { readonly id: string }) {
  const [mail, setMail] = useState<Loaded<Mail>>({ is: "loading" });
  useEffect(() => {
    outboxMail(id)
      .then((value) => setMail({ is: "ready", value }))
      .catch((error: unknown) => setMail({ is: "failed", message: messageOf(error) }));
  }, [id]);
  if (mail.is === "loading") return <Skeleton lines={3} label="Loading the mail" />;
  if (mail.is === "failed") return <Failure title="The mail could not be read" message={mail.message} />;
  return (
    <pre class="mail-text">
      {splitLinks(mail.value.text).map((part, index) =>
        part.href === null ? (
          part.text
        ) : (
          <a key={index} href={part.href} target="_blank" rel="noreferrer noopener">
            {part.text}
          </a>
        ),
      )}
    </pre>
  );
}
