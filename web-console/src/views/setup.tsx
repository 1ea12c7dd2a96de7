import { useEffect, useState } from "preact/hooks";
import { setUp, setupNeeded } from "../api/endpoints.ts";
import { ApiError, messageOf } from "../api/http.ts";
import { TextField } from "../components/field.tsx";
import { enter } from "../state/session.ts";
import { Door } from "./door.tsx";

type Stage =
  | { readonly is: "asking" }
  | { readonly is: "form" }
  | { readonly is: "done" }
  | { readonly is: "failed"; readonly message: string };

const MIN_PASSWORD = 10;

/** First run. The token stands in the fragment, which no server log and no referrer ever sees. */
export function SetupView() {
  const [token] = useState(() => location.hash.slice(1));
  const [stage, setStage] = useState<Stage>({ is: "asking" });

  useEffect(() => {
    setupNeeded()
      .then(({ needed }) => setStage({ is: needed ? "form" : "done" }))
      .catch((failure: unknown) => setStage({ is: "failed", message: messageOf(failure) }));
  }, []);

  if (stage.is === "asking") return null;
  if (stage.is === "failed")
    return (
      <Door title="Set up Baton" error={stage.message}>
        {null}
      </Door>
    );
  if (stage.is === "done") {
    return (
      <Door title="Baton is already set up">
        <p>The first account exists. Log in with it.</p>
        <a class="button button-primary button-wide" href="/login">
          Log in
        </a>
      </Door>
    );
  }
  if (token === "") {
    return (
      <Door title="Set up Baton">
        <p>
          Open the setup link that Baton printed when it started. It ends in “/setup#” and a code that only you can see
          there.
        </p>
      </Door>
    );
  }
  return <SetupForm token={token} onDone={() => setStage({ is: "done" })} />;
}

function SetupForm({ token, onDone }: { readonly token: string; readonly onDone: () => void }) {
  const [form, setForm] = useState({ workspace: "", name: "", email: "", password: "" });
  const [fields, setFields] = useState<Readonly<Record<string, string>>>({});
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const put = (name: keyof typeof form) => (value: string) => setForm((old) => ({ ...old, [name]: value }));

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    setError(null);
    setFields({});
    if (form.password.length < MIN_PASSWORD) {
      setFields({ password: `Use ${MIN_PASSWORD} characters or more.` });
      return;
    }
    setBusy(true);
    try {
      await enter(await setUp({ token, ...form, email: form.email.trim() }));
    } catch (failure) {
      setBusy(false);
      if (failure instanceof ApiError && failure.status === 409) onDone();
      else if (failure instanceof ApiError && failure.status === 403) {
        setError("This setup link is wrong or was already used. Restart Baton to get a new one.");
      } else {
        if (failure instanceof ApiError) setFields(failure.fields);
        setError(messageOf(failure));
      }
    }
  };

  return (
    <Door title="Set up Baton" error={error}>
      <p class="quiet">This makes your workspace and the account that owns it.</p>
      <form class="stack" onSubmit={(event) => void submit(event)}>
        <TextField
          label="Workspace"
          hint="Your company or site, as your team calls it."
          value={form.workspace}
          onInput={put("workspace")}
          error={fields.workspace}
          autocomplete="organization"
          required
          autofocus
        />
        <TextField
          label="Your name"
          hint="Visitors see it when you join a chat."
          value={form.name}
          onInput={put("name")}
          error={fields.name}
          autocomplete="name"
          required
        />
        <TextField
          label="E-mail"
          type="email"
          value={form.email}
          onInput={put("email")}
          error={fields.email}
          autocomplete="username"
          required
        />
        <TextField
          label="Password"
          hint={fields.password === undefined ? `${MIN_PASSWORD} characters or more.` : undefined}
          type="password"
          value={form.password}
          onInput={put("password")}
          error={fields.password}
          autocomplete="new-password"
          required
        />
        <button type="submit" class="button button-primary button-wide" disabled={busy}>
          {busy ? "Setting up…" : "Set up"}
        </button>
      </form>
    </Door>
  );
}
