import type { Button } from "../../../../web-shared/src/protocol.ts";
import type { TriggerRule } from "../../api/types.ts";
import { Select, TextArea, TextField, Toggle } from "../../components/field.tsx";
import type { SettingsForm } from "../../state/settings-form.ts";
import { Section } from "./section.tsx";
import type { SectionProps } from "./settings-view.tsx";

const BUTTON_RULES: readonly (readonly [Button["rule"], string])[] = [
  ["always", "Always"],
  ["after_answers", "After some answers of the AI"],
  ["when_unsure", "Only when the AI could not answer"],
  ["never", "Never"],
];

const TRIGGERS: readonly (readonly [TriggerRule, string])[] = [
  ["ask_first", "Offer a human and ask first"],
  ["at_once", "Call a human at once"],
  ["off", "Do nothing"],
];

export function HandoffSection({ form, errors, change }: SectionProps) {
  const { handoff } = form;
  const put = (part: Partial<SettingsForm["handoff"]>): void => change({ handoff: { ...handoff, ...part } });
  // A wrong value must stay in sight, or it could not be saved and nobody would see why.
  const shown = handoff.enabled || Object.keys(errors).some((name) => /^(handoff\.|wait_warning)/.test(name));
  return (
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
          <Select
            label="The visitor asks for a person in words"
            value={handoff.on_words}
            options={TRIGGERS}
            onChange={(on_words) => put({ on_words })}
          />
          <Select
            label="The visitor sounds frustrated"
            value={handoff.on_frustration}
            options={TRIGGERS}
            onChange={(on_frustration) => put({ on_frustration })}
          />
          <Select
            label="The AI can't answer"
            value={handoff.on_cannot_answer}
            options={TRIGGERS}
            onChange={(on_cannot_answer) => put({ on_cannot_answer })}
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
          <TextArea
            label="Keywords"
            hint="One per line. A message that holds one calls a human at once."
            value={form.keywords}
            onInput={(keywords) => change({ keywords })}
            error={errors["handoff.keywords"]}
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
        </>
      )}
      <Confidence
        value={form.confidence_threshold}
        onInput={(confidence_threshold) => change({ confidence_threshold })}
      />
    </Section>
  );
}

function Confidence({ value, onInput }: { readonly value: number; readonly onInput: (value: number) => void }) {
  const percent = Math.round(value * 100);
  return (
    <div class="field">
      <label for="confidence">How sure the AI must be</label>
      <div class="range-row">
        <input
          id="confidence"
          type="range"
          min={0}
          max={100}
          step={5}
          value={percent}
          aria-valuetext={`${percent} percent`}
          aria-describedby="confidence-hint"
          onInput={(event) => onInput(Number(event.currentTarget.value) / 100)}
        />
        <output for="confidence">{percent} %</output>
      </div>
      <p class="field-hint" id="confidence-hint">
        Below this it says that it does not know. Higher: fewer wrong answers, more handoffs. Try it under Knowledge.
      </p>
    </div>
  );
}
