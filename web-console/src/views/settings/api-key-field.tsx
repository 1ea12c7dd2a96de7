/** A key goes in and never comes out: what is stored is only known to be there. */

import { TextField } from "../../components/field.tsx";

interface Props {
  /** Null: the stored one stays; empty: it is forgotten. */
  readonly value: string | null;
  readonly stored: boolean;
  /** Saving the form as it is forgets the stored key. */
  readonly forgotten: boolean;
  readonly onChange: (value: string | null) => void;
  readonly error: string | undefined;
}

export function ApiKeyField({ value, stored, forgotten, onChange, error }: Props) {
  if (stored && value === null && !forgotten) {
    return (
      <div class="field">
        <span class="field-name">API key</span>
        <div class="key-row">
          <span class="key-stored">Stored, and never shown again</span>
          <button type="button" class="button button-small" onClick={() => onChange("")}>
            Replace or forget
          </button>
        </div>
      </div>
    );
  }
  return (
    <div class="stack">
      <TextField
        label="API key"
        type="password"
        autocomplete="new-password"
        hint={
          forgotten
            ? "The stored key belongs to the earlier provider and address, and is forgotten when you save. Enter the key of this one."
            : "Kept encrypted. Empty: none, as for a model of your own."
        }
        value={value ?? ""}
        onInput={(key) => onChange(key === "" && !stored ? null : key)}
        error={error}
      />
      {stored && !forgotten && (
        <div class="button-row">
          <button type="button" class="button button-small" onClick={() => onChange(null)}>
            Keep the stored key
          </button>
        </div>
      )}
    </div>
  );
}
