interface Props {
  readonly value: number;
  readonly onInput: (value: number) => void;
}

export function ConfidenceField({ value, onInput }: Props) {
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
