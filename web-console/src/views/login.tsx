import { useState } from "preact/hooks";
import { logIn } from "../api/endpoints.ts";
import { ApiError, messageOf } from "../api/http.ts";
import { TextField } from "../components/field.tsx";
import { enter } from "../state/session.ts";
import { Door } from "./door.tsx";

export function LoginView() {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await enter(await logIn(email.trim(), password));
    } catch (failure) {
      setError(loginMessage(failure));
      setBusy(false);
    }
  };

  return (
    <Door title="Log in to Baton" error={error}>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <TextField
          label="E-mail"
          type="email"
          autocomplete="username"
          value={email}
          onInput={setEmail}
          required
          autofocus
        />
        <TextField
          label="Password"
          type="password"
          autocomplete="current-password"
          value={password}
          onInput={setPassword}
          required
        />
        <button type="submit" class="button button-primary button-wide" disabled={busy}>
          {busy ? "Logging in…" : "Log in"}
        </button>
      </form>
    </Door>
  );
}

function loginMessage(failure: unknown): string {
  if (failure instanceof ApiError && failure.status === 401)
    return "E-mail and password do not match. Check both and try again.";
  if (failure instanceof ApiError && failure.status === 429) {
    const wait = failure.retryAfterSeconds;
    return `Too many tries. Wait ${wait === null ? "a minute" : `${wait} seconds`}, then try again.`;
  }
  return messageOf(failure);
}
