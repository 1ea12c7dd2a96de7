import { useState } from "preact/hooks";
import { ApiError, messageOf } from "../api/http.ts";
import { Dialog } from "../components/dialog.tsx";
import { TextField } from "../components/field.tsx";
import { createChatbot } from "../state/chatbots.ts";
import { newChatbotOpen } from "../state/overlays.ts";
import { knowledgePath, navigate } from "../state/router.ts";

/** A name is enough; everything else has a sensible beginning and can be changed later. */
export function NewChatbotForm({ onDone }: { readonly onDone?: () => void }) {
  const [name, setName] = useState("");
  const [error, setError] = useState<string | undefined>();
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (name.trim() === "") return setError("Give the chatbot a name.");
    setBusy(true);
    setError(undefined);
    try {
      const made = await createChatbot(name.trim());
      onDone?.();
      await navigate(knowledgePath(made.id));
    } catch (failure) {
      setError((failure instanceof ApiError ? failure.fields.name : undefined) ?? messageOf(failure));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form class="stack" onSubmit={(event) => void submit(event)}>
      <TextField
        label="Name"
        hint="Visitors see it in the header of the chat, for example “Ada from Northwind”."
        value={name}
        onInput={setName}
        error={error}
        autofocus
      />
      <button type="submit" class="button button-primary" disabled={busy}>
        {busy ? "Creating…" : "Create chatbot"}
      </button>
    </form>
  );
}

export function NewChatbotDialog() {
  if (!newChatbotOpen.value) return null;
  const close = (): void => {
    newChatbotOpen.value = false;
  };
  return (
    <Dialog title="New chatbot" onClose={close}>
      <NewChatbotForm onDone={close} />
    </Dialog>
  );
}
