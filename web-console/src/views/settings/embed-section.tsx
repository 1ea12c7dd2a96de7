import type { Chatbot } from "../../api/types.ts";
import { CopyButton } from "../../components/copy-button.tsx";
import { ExternalIcon } from "../../components/icons.tsx";
import { knowledgePath } from "../../state/router.ts";
import { type SettingsForm, snippetWith } from "../../state/settings-form.ts";
import { Section } from "./section.tsx";

export function EmbedSection({ chatbot, form }: { readonly chatbot: Chatbot; readonly form: SettingsForm }) {
  const color = /^#[0-9a-f]{6}$/i.test(form.brand_color) ? form.brand_color : chatbot.settings.brand_color;
  const snippet = snippetWith(chatbot.snippet, color, form.position);
  return (
    <Section
      id="embed"
      title="Put it on your site"
      says="One line before the end of the body, on every page that shall have the chat."
    >
      <pre class="snippet">{snippet}</pre>
      <p class="quiet">
        Colour and place in the line dress the button until the chat is first opened; from then on these settings count.
      </p>
      <div class="button-row">
        <CopyButton text={snippet} label="Copy the line" />
        <a class="button" href={chatbot.chat_url} target="_blank" rel="noreferrer">
          Open the chat page
          <ExternalIcon size={16} />
        </a>
        <a class="button" href={knowledgePath(chatbot.id)}>
          Give it knowledge
        </a>
      </div>
    </Section>
  );
}
