/** Form fields: label above, hint below, the error in words and tied to the field. */

import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

interface FrameProps {
  readonly id: string;
  readonly label: string;
  readonly hint: string | undefined;
  readonly error: string | undefined;
  readonly children: ComponentChildren;
}

function Frame({ id, label, hint, error, children }: FrameProps) {
  return (
    <div class={`field${error === undefined ? "" : " field-wrong"}`}>
      <label for={id}>{label}</label>
      {children}
      {error !== undefined && (
        <p class="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
      {hint !== undefined && (
        <p class="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

function describedBy(id: string, hint: string | undefined, error: string | undefined) {
  const ids = [error === undefined ? "" : `${id}-error`, hint === undefined ? "" : `${id}-hint`].filter(
    (part) => part !== "",
  );
  return {
    ...(ids.length > 0 ? { "aria-describedby": ids.join(" ") } : {}),
    ...(error === undefined ? {} : { "aria-invalid": true as const }),
  };
}

interface FieldProps {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly hint?: string | undefined;
  readonly error?: string | undefined;
}

interface TextFieldProps extends FieldProps {
  readonly type?: "text" | "email" | "password" | "number" | "date";
  readonly autocomplete?: string;
  readonly required?: boolean;
  readonly autofocus?: boolean;
  readonly placeholder?: string;
  readonly narrow?: boolean;
}

export function TextField(props: TextFieldProps) {
  const id = useId();
  const {
    label,
    value,
    onInput,
    hint,
    error,
    type = "text",
    autocomplete,
    required,
    autofocus,
    placeholder,
    narrow,
  } = props;
  return (
    <Frame id={id} label={label} hint={hint} error={error}>
      <input
        id={id}
        class={narrow ? "input input-narrow" : "input"}
        // The JSX types tie each input type to its roles; none is set here.
        type={(type === "number" ? "text" : type) as "text"}
        inputMode={type === "number" ? "numeric" : "text"}
        value={value}
        autocomplete={autocomplete ?? "off"}
        required={required ?? false}
        autofocus={autofocus ?? false}
        placeholder={placeholder ?? ""}
        onInput={(event) => onInput(event.currentTarget.value)}
        {...describedBy(id, hint, error)}
      />
    </Frame>
  );
}

export function TextArea({ label, value, onInput, hint, error, rows = 3 }: FieldProps & { readonly rows?: number }) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} error={error}>
      <textarea
        id={id}
        class="input"
        rows={rows}
        value={value}
        onInput={(event) => onInput(event.currentTarget.value)}
        {...describedBy(id, hint, error)}
      />
    </Frame>
  );
}

interface SelectProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly options: readonly (readonly [T, string])[];
  readonly onChange: (value: T) => void;
  readonly hint?: string;
  readonly error?: string | undefined;
}

export function Select<T extends string>({ label, value, options, onChange, hint, error }: SelectProps<T>) {
  const id = useId();
  return (
    <Frame id={id} label={label} hint={hint} error={error}>
      <select
        id={id}
        class="input"
        value={value}
        onChange={(event) => onChange(event.currentTarget.value as T)}
        {...describedBy(id, hint, error)}
      >
        {options.map(([option, text]) => (
          <option key={option} value={option}>
            {text}
          </option>
        ))}
      </select>
    </Frame>
  );
}

interface ToggleProps {
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
  readonly hint?: string;
}

export function Toggle({ label, checked, onChange, hint }: ToggleProps) {
  const id = useId();
  return (
    <div class="toggle">
      <input
        id={id}
        type="checkbox"
        role="switch"
        aria-checked={checked}
        checked={checked}
        onChange={(event) => onChange(event.currentTarget.checked)}
        {...describedBy(id, hint, undefined)}
      />
      <label for={id}>{label}</label>
      {hint !== undefined && (
        <p class="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}
