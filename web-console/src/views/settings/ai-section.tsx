/** Who words the answers: the knowledge base itself, or a model that reads from it. */

import type { Provider } from "../../api/types.ts";
import { Select, TextArea, TextField, Toggle } from "../../components/field.tsx";
import { type AiForm, forgetsKey, sameAi } from "../../state/settings-form.ts";
import { ApiKeyField } from "./api-key-field.tsx";
import { ConfidenceField } from "./confidence-field.tsx";
import { ProviderStatus } from "./provider-status.tsx";
import { Section } from "./section.tsx";
import type { SectionProps } from "./settings-view.tsx";

const PROVIDERS: readonly (readonly [Provider, string])[] = [
  ["embedded", "Embedded: your documents, word by word"],
  ["openai", "OpenAI or compatible (Ollama, vLLM, llama.cpp)"],
  ["anthropic", "Anthropic"],
];

const PROVIDER_HINTS: Readonly<Record<Provider, string>> = {
  embedded: "No network, no key, no cost. Nothing leaves this server.",
  openai: "The question, the talk so far and the passages found are sent to it. It answers from them in its own words.",
  anthropic:
    "The question, the talk so far and the passages found are sent to it. It answers from them in its own words.",
};

const ADDRESSES: Readonly<Record<Exclude<Provider, "embedded">, string>> = {
  openai: "https://api.openai.com/v1",
  anthropic: "https://api.anthropic.com/v1",
};

interface Props extends SectionProps {
  readonly chatbot: string;
  readonly saved: AiForm;
}

export function AiSection({ chatbot, form, saved, errors, change }: Props) {
  const { ai } = form;
  const put = (part: Partial<AiForm>): void => change({ ai: { ...ai, ...part } });
  return (
    <>
      <Section id="ai" title="Who answers" says="When no human has the chat.">
        <Select
          label="The answers come from"
          value={ai.provider}
          options={PROVIDERS}
          onChange={(provider) => put({ provider })}
          hint={PROVIDER_HINTS[ai.provider]}
        />
        {ai.provider !== "embedded" && (
          <>
            <TextField
              label="Model"
              hint="As the provider names it."
              placeholder={ai.provider === "openai" ? "gpt-4o-mini" : "claude-haiku-4-5"}
              value={ai.model}
              onInput={(model) => put({ model })}
              error={errors["ai.model"]}
            />
            <TextField
              label="Address"
              hint={`Empty: ${ADDRESSES[ai.provider]}. A model of your own: its address up to /v1.`}
              placeholder={ADDRESSES[ai.provider]}
              value={ai.base_url}
              onInput={(base_url) => put({ base_url })}
              error={errors["ai.base_url"]}
            />
            <ApiKeyField
              value={ai.api_key}
              stored={ai.api_key_set}
              forgotten={forgetsKey(ai, saved)}
              onChange={(api_key) => put({ api_key })}
              error={errors["ai.api_key"]}
            />
            <TextArea
              label="Instructions"
              hint="Tone and subject, in your words. That it answers only from your documents is always part of it."
              rows={4}
              value={ai.instructions}
              onInput={(instructions) => put({ instructions })}
              error={errors["ai.instructions"]}
            />
          </>
        )}
        {ai.provider !== "embedded" && saved.provider !== "embedded" && (
          <ProviderStatus chatbot={chatbot} changed={!sameAi(ai, saved)} />
        )}
        <ConfidenceField
          value={form.confidence_threshold}
          onInput={(confidence_threshold) => change({ confidence_threshold })}
        />
      </Section>
      {ai.provider !== "embedded" && <LimitsSection ai={ai} errors={errors} put={put} />}
      <Section id="learning" title="Learning" says="What your agents answer, the AI can know the next time.">
        <Toggle
          label="Propose what agents answer as knowledge"
          hint="After a chat that a human has settled. Nothing becomes knowledge before you approve it, under Knowledge."
          checked={ai.learn_from_agents}
          onChange={(learn_from_agents) => put({ learn_from_agents })}
        />
      </Section>
    </>
  );
}

interface LimitsProps {
  readonly ai: AiForm;
  readonly errors: SectionProps["errors"];
  readonly put: (part: Partial<AiForm>) => void;
}

const LIMITS: readonly (readonly [keyof AiForm["limits"], string])[] = [
  ["conversation", "Tokens of one conversation"],
  ["visitor", "Tokens of one visitor in a day"],
  ["chatbot", "Tokens of this chatbot in a day"],
];

function LimitsSection({ ai, errors, put }: LimitsProps) {
  return (
    <Section
      id="limits"
      title="Limits"
      says="Past one, and when the model fails, the answer comes from your documents, or a human is offered."
    >
      {LIMITS.map(([name, label]) => (
        <TextField
          key={name}
          label={label}
          type="number"
          narrow
          hint="Asked and answered together. Empty: no limit."
          value={ai.limits[name]}
          onInput={(tokens) => put({ limits: { ...ai.limits, [name]: tokens } })}
          error={errors[`ai.limits.${name}`]}
        />
      ))}
      <TextField
        label="Longest answer (tokens)"
        type="number"
        narrow
        value={ai.max_tokens}
        onInput={(max_tokens) => put({ max_tokens })}
        error={errors["ai.max_tokens"]}
      />
      <TextField
        label="Longest wait for an answer (seconds)"
        type="number"
        narrow
        value={ai.timeout_seconds}
        onInput={(timeout_seconds) => put({ timeout_seconds })}
        error={errors["ai.timeout_seconds"]}
      />
    </Section>
  );
}
