import { useId } from "preact/hooks";
import { contrast, parseHex, readableOn, textOn } from "../../../../web-shared/src/contrast.ts";
import type { Position } from "../../../../web-shared/src/protocol.ts";
import { Select, TextArea, TextField } from "../../components/field.tsx";
import { ChatIcon } from "../../components/icons.tsx";
import { linesOf } from "../../state/settings-form.ts";
import { Section } from "./section.tsx";
import type { SectionProps } from "./settings-view.tsx";

const POSITIONS: readonly (readonly [Position, string])[] = [
  ["bottom_right", "Bottom right"],
  ["bottom_left", "Bottom left"],
];

export function AppearanceSection({ form, errors, change }: SectionProps) {
  return (
    <Section id="appearance" title="Appearance" says="What visitors see before they write.">
      <div class="with-preview">
        <div class="stack">
          <TextField
            label="Name"
            hint="In the header of the chat and in your inbox."
            value={form.name}
            onInput={(name) => change({ name })}
            error={errors.name}
          />
          <ColorField
            value={form.brand_color}
            error={errors.brand_color}
            onInput={(brand_color) => change({ brand_color })}
          />
          <Select
            label="Place of the button"
            value={form.position}
            options={POSITIONS}
            onChange={(position) => change({ position })}
          />
          <TextArea
            label="Greeting"
            rows={2}
            value={form.greeting}
            onInput={(greeting) => change({ greeting })}
            error={errors.greeting}
          />
          <TextArea
            label="Starters"
            hint="One per line. Shown as buttons under the greeting; a press sends the text."
            value={form.starters}
            onInput={(starters) => change({ starters })}
            error={errors.starters}
          />
        </div>
        <Preview
          name={form.name}
          color={form.brand_color}
          position={form.position}
          greeting={form.greeting}
          starters={linesOf(form.starters)}
        />
      </div>
    </Section>
  );
}

interface ColorFieldProps {
  readonly value: string;
  readonly error: string | undefined;
  readonly onInput: (value: string) => void;
}

function ColorField({ value, error, onInput }: ColorFieldProps) {
  const id = useId();
  const valid = parseHex(value) !== null;
  return (
    <div class={`field${error === undefined ? "" : " field-wrong"}`}>
      <label for={id}>Colour</label>
      <div class="color-row">
        <input
          type="color"
          aria-label="Choose the colour"
          value={valid ? value : "#000000"}
          onInput={(event) => onInput(event.currentTarget.value)}
        />
        <input
          id={id}
          class="input input-narrow mono"
          value={value}
          spellcheck={false}
          aria-describedby={`${id}-hint`}
          aria-invalid={error !== undefined}
          onInput={(event) => onInput(event.currentTarget.value.trim())}
        />
      </div>
      {error !== undefined && <p class="field-error">{error}</p>}
      <p class="field-hint" id={`${id}-hint`}>
        {valid ? contrastHint(value) : "Text on it is chosen for you, so that it can always be read."}
      </p>
    </div>
  );
}

function contrastHint(color: string): string {
  const ground = parseHex(color);
  const text = parseHex(textOn(color));
  if (!ground || !text) return "";
  const word = textOn(color) === "#ffffff" ? "White" : "Black";
  return `${word} text on it, contrast ${contrast(ground, text).toFixed(1)} : 1.`;
}

interface PreviewProps {
  readonly name: string;
  readonly color: string;
  readonly position: Position;
  readonly greeting: string;
  readonly starters: readonly string[];
}

/** The widget in small, always on white: it stands on the owner's page, not on ours. */
function Preview({ name, color, position, greeting, starters }: PreviewProps) {
  const brand = parseHex(color) ? color : "#2f5bea";
  const colors = { "--p-brand": brand, "--p-on": textOn(brand), "--p-text": readableOn("#ffffff", brand) };
  return (
    <figure class="preview" style={colors} aria-label="Preview of the widget">
      <div class="preview-panel" aria-hidden="true">
        <div class="preview-head">{name || "Name"}</div>
        <div class="preview-body">
          {greeting !== "" && <p class="preview-ai">{greeting}</p>}
          {starters.slice(0, 3).map((starter) => (
            <span class="preview-starter" key={starter}>
              {starter}
            </span>
          ))}
          <p class="preview-visitor">Where is my order?</p>
        </div>
      </div>
      <div class={`preview-launcher preview-${position}`} aria-hidden="true">
        <ChatIcon />
      </div>
      <figcaption class="quiet">Changes as you type.</figcaption>
    </figure>
  );
}
