import { CopyButton } from "../../components/copy-button.tsx";
import { InboxIcon } from "../../components/icons.tsx";
import { Empty } from "../../components/states.tsx";
import { chatbotById, chatbotList, chatbots } from "../../state/chatbots.ts";
import { filter, rows } from "../../state/inbox.ts";
import { isNarrowed } from "../../state/inbox-filter.ts";

/** Teaches the one step that fills the list. */
export function InboxEmpty() {
  const wanted = filter.value;
  if (isNarrowed(wanted)) {
    return (
      <Empty title="Nothing matches these filters">
        <p>
          {rows.value.size > 0
            ? "Other conversations are hidden by them. Clear them to see all."
            : "Clear them to see all conversations."}
        </p>
      </Empty>
    );
  }
  const chatbot = (wanted.chatbot === null ? chatbotList()[0] : chatbotById(wanted.chatbot)) ?? null;
  if (chatbot === null) {
    if (chatbots.value.is !== "ready") return null;
    return (
      <Empty title="No chatbot yet" icon={<InboxIcon size={28} />}>
        <p>Conversations of your visitors will be listed here, longest waiting first. A chatbot comes first.</p>
        <a class="button button-primary" href="/">
          Create a chatbot
        </a>
      </Empty>
    );
  }
  return (
    <Empty title="No conversations yet" icon={<InboxIcon size={28} />}>
      <p>
        They appear here by themselves as soon as a visitor writes. Put this line into your site, before the end of the
        body:
      </p>
      <pre class="snippet">{chatbot.snippet}</pre>
      <div class="empty-actions">
        <CopyButton text={chatbot.snippet} label="Copy the line" />
        <a class="button" href={chatbot.chat_url} target="_blank" rel="noreferrer">
          Try it yourself
        </a>
      </div>
    </Empty>
  );
}
