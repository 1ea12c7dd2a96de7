/** One trigger: what is noticed on the left, what follows on the right. Three choices in sight beat a list to open. */

import { useId } from "preact/hooks";
import type { TriggerRule } from "../../api/types.ts";

const RULES: readonly (readonly [TriggerRule, string])[] = [
  ["off", "Off"],
  ["ask_first", "Ask first"],
  ["at_once", "At once"],
];

interface Props {
  readonly label: string;
  readonly hint: string;
  readonly value: TriggerRule;
  readonly onChange: (value: TriggerRule) => void;
}

export function TriggerField({ label, hint, value, onChange }: Props) {
  const id = useId();
  return (
    <fieldset class="trigger" aria-describedby={`${id}-hint`}>
      <legend>{label}</legend>
      <p class="field-hint" id={`${id}-hint`}>
        {hint}
      </p>
      <div class="choices">
        {RULES.map(([rule, words]) => (
          <label key={rule}>
            <input type="radio" name={id} checked={rule === value} onChange={() => onChange(rule)} />
            <span>{words}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
