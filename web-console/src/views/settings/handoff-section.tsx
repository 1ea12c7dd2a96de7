/** When the chat goes from the AI to the team. */

import type { Button } from "../../../../web-shared/src/protocol.ts";
import { Select, TextField, Toggle } from "../../components/field.tsx";
import type { SettingsForm } from "../../state/settings-form.ts";
import { KeywordField } from "./keyword-field.tsx";
import { Section } from "./section.tsx";
import type { SectionProps } from "./settings-view.tsx";
import { TriggerField } from "./trigger-field.tsx";

const BUTTON_RULES: readonly (readonly [Button["rule"], string])[] = [
  ["always", "Always"],
  ["after_answers", "After some answers of the AI"],
  ["when_unsure", "Only when the AI could not answer"],
  ["never", "Never"],
];

export function HandoffSection({ form, errors, change }: SectionProps) {
  const { handoff } = form;
  const put = (part: Partial<SettingsForm["handoff"]>): void => change({ handoff: { ...handoff, ...part } });
  // A wrong value must stay in sight, or it could not be saved and nobody would see why.
  const shown = handoff.enabled || Object.keys(errors).some((name) => /^(handoff\.|wait_warning)/.test(name));
  return (
    <>
      <Section id="handoff" title="Handoff to a human" says="When the chat goes from the AI to your team.">
        <Toggle
          label="Visitors can talk to a human"
          hint="Off: nothing ever offers it."
          checked={handoff.enabled}
          onChange={(enabled) => put({ enabled })}
        />
        {shown && (
          <>
            <div class="pair">
              <Select
                label="The button “Talk to a human” shows"
                value={handoff.button}
                options={BUTTON_RULES}
                onChange={(button) => put({ button })}
              />
              {handoff.button === "after_answers" && (
                <TextField
                  label="After how many answers"
                  type="number"
                  narrow
                  value={form.button_count}
                  onInput={(button_count) => change({ button_count })}
                  error={errors["handoff.button.count"]}
                />
              )}
            </div>
            <Toggle
              label="Also among the buttons under the greeting"
              checked={handoff.starter}
              onChange={(starter) => put({ starter })}
            />
          </>
        )}
      </Section>
      {shown && (
        <>
          <Section
            id="triggers"
            title="Triggers"
            says="What the AI notices, and what it does then. “Ask first” offers a human with a yes and a no."
          >
            <TriggerField
              label="Asks for a person in words"
              hint="“Can I talk to a real person?”, in nine languages."
              value={handoff.on_words}
              onChange={(on_words) => put({ on_words })}
            />
            <TriggerField
              label="Loses patience"
              hint="“This isn’t helping”, the same question again, two in a row without an answer, shouting."
              value={handoff.on_frustration}
              onChange={(on_frustration) => put({ on_frustration })}
            />
            <TriggerField
              label="The AI can’t answer"
              hint="It is not sure enough, it failed, or a limit is reached."
              value={handoff.on_cannot_answer}
              onChange={(on_cannot_answer) => put({ on_cannot_answer })}
            />
            <TriggerField
              label="Uses one of your keywords"
              hint="Whole words with their endings: “refund” finds “Refunds”, and not “refundable”."
              value={handoff.on_keywords}
              onChange={(on_keywords) => put({ on_keywords })}
            />
            <KeywordField
              value={form.keywords}
              off={handoff.on_keywords === "off"}
              onInput={(keywords) => change({ keywords })}
              error={errors["handoff.keywords"]}
            />
          </Section>
          <Section id="pace" title="Pace" says="So that it never nags, and nobody waits unseen.">
            <TextField
              label="Quiet messages after an offer"
              type="number"
              narrow
              hint="For so many messages the same reason makes no new offer; after a “no”, none does."
              value={form.quiet_messages}
              onInput={(quiet_messages) => change({ quiet_messages })}
              error={errors["handoff.quiet_messages"]}
            />
            <TextField
              label="Limit of AI answers"
              type="number"
              narrow
              hint="After this many, the AI counts as unable to answer. Empty: no limit."
              value={form.turn_limit}
              onInput={(turn_limit) => change({ turn_limit })}
              error={errors["handoff.turn_limit"]}
            />
            <Toggle
              label="The AI goes on answering while the visitor waits"
              checked={handoff.ai_answers_while_waiting}
              onChange={(ai_answers_while_waiting) => put({ ai_answers_while_waiting })}
            />
            <TextField
              label="Mark waiting in amber after (seconds)"
              type="number"
              narrow
              value={form.wait_warning_seconds}
              onInput={(wait_warning_seconds) => change({ wait_warning_seconds })}
              error={errors.wait_warning_seconds}
            />
          </Section>
        </>
      )}
    </>
  );
}
