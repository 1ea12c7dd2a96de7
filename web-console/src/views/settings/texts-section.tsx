import type { TextSettings } from "../../api/types.ts";
import { TextArea } from "../../components/field.tsx";
import { Section } from "./section.tsx";
import type { SectionProps } from "./settings-view.tsx";

const TEXTS: readonly (readonly [keyof TextSettings, string, string])[] = [
  ["offer", "Offer of a human", "Asked when a human could help."],
  ["waiting", "While waiting", "Shown as soon as a human was asked for."],
  ["declined", "After a “no”", "Shown when the visitor declines the offer."],
  ["unsure", "The AI does not know", "In place of an answer."],
  ["failed", "The AI failed", "When no answer could be made, for example without network."],
  ["closing", "At the end", "Shown when the conversation is marked as resolved."],
];

export function TextsSection({ form, errors, change }: SectionProps) {
  return (
    <Section id="texts" title="Texts" says="What visitors read at the turning points, in your words.">
      {TEXTS.map(([name, label, hint]) => (
        <TextArea
          key={name}
          label={label}
          hint={hint}
          rows={2}
          value={form.texts[name]}
          onInput={(text) => change({ texts: { ...form.texts, [name]: text } })}
          error={errors[`texts.${name}`]}
        />
      ))}
    </Section>
  );
}
