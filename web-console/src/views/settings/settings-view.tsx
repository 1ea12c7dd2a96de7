/** Settings of one chatbot: one form, saved as a whole, taking effect in open widgets at once. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { ApiError, messageOf } from "../../api/http.ts";
import type { Chatbot } from "../../api/types.ts";
import { confirm } from "../../components/dialog.tsx";
import { currentTab, showTab, Tabs } from "../../components/tabs.tsx";
import { saveSettings } from "../../state/chatbots.ts";
import { guardLeaving } from "../../state/router.ts";
import { mayManage } from "../../state/session.ts";
import { type FieldErrors, formOf, type SettingsForm, sameForm, settingsOf } from "../../state/settings-form.ts";
import { toast } from "../../state/toasts.ts";
import { plural } from "../../state/words.ts";
import { AiSection } from "./ai-section.tsx";
import { AppearanceSection } from "./appearance-section.tsx";
import { EmbedSection } from "./embed-section.tsx";
import { HandoffSection } from "./handoff-section.tsx";
import { ReachSection } from "./reach-section.tsx";
import { TextsSection } from "./texts-section.tsx";

export interface SectionProps {
  readonly form: SettingsForm;
  readonly errors: FieldErrors;
  readonly change: (part: Partial<SettingsForm>) => void;
}

const TABS = {
  parameter: "show",
  tabs: [
    ["site", "Your site"],
    ["ai", "AI"],
    ["handoff", "Handoff"],
    ["texts", "Texts"],
    ["reach", "Notifications"],
  ],
} as const;

/** The tab whose fields a name of the wire belongs to. */
function tabOf(field: string): (typeof TABS.tabs)[number][0] {
  if (field.startsWith("ai.") || field === "confidence_threshold") return "ai";
  if (field.startsWith("handoff.") || field === "wait_warning_seconds") return "handoff";
  if (field.startsWith("texts.")) return "texts";
  return field === "notify_emails" || field === "allowed_origins" ? "reach" : "site";
}

export function SettingsView({ chatbot }: { readonly chatbot: Chatbot }) {
  const saved = useMemo(() => formOf(chatbot.settings), [chatbot.settings]);
  const [form, setForm] = useState(saved);
  const [errors, setErrors] = useState<FieldErrors>({});
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const root = useRef<HTMLFormElement>(null);
  const changed = !sameForm(form, saved);
  const wrong = Object.keys(errors).length;

  useEffect(() => {
    if (!changed) return;
    return guardLeaving(() =>
      confirm({
        title: "Leave without saving?",
        text: `Your changes to “${chatbot.settings.name}” are not saved yet.`,
        yes: "Leave",
        no: "Stay",
        danger: true,
      }),
    );
  }, [changed, chatbot.settings.name]);

  const showErrors = (found: FieldErrors): void => {
    setErrors(found);
    const [first] = Object.keys(found);
    const here = currentTab(TABS);
    if (first !== undefined && !Object.keys(found).some((field) => tabOf(field) === here)) showTab(TABS, tabOf(first));
    // After the render that marks the fields.
    requestAnimationFrame(() => root.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus());
  };
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    setFailure(null);
    const { settings, errors: found } = settingsOf(form);
    if (Object.keys(found).length > 0) return showErrors(found);
    setErrors({});
    setBusy(true);
    try {
      const next = await saveSettings(chatbot.id, settings);
      setForm(formOf(next.settings));
      toast("Saved. Open widgets already use it.");
    } catch (error) {
      if (error instanceof ApiError && Object.keys(error.fields).length > 0) showErrors(error.fields);
      else setFailure(messageOf(error));
    } finally {
      setBusy(false);
    }
  };
  const tab = currentTab(TABS);
  const section: SectionProps = { form, errors, change: (part) => setForm((old) => ({ ...old, ...part })) };

  return (
    <main class="pane-main">
      <form class="page" ref={root} onSubmit={(event) => void save(event)} noValidate>
        <div class="page-scroll">
          <header class="page-head">
            <h1>{chatbot.settings.name}</h1>
          </header>
          <Tabs label="Settings of" {...TABS} />
          {tab === "site" && <EmbedSection chatbot={chatbot} form={form} />}
          {!mayManage.value && <p class="notice">Only owners and admins of the workspace can change these settings.</p>}
          <fieldset disabled={!mayManage.value}>
            {tab === "site" && <AppearanceSection {...section} />}
            {tab === "ai" && <AiSection {...section} chatbot={chatbot.id} saved={saved.ai} />}
            {tab === "handoff" && <HandoffSection {...section} />}
            {tab === "texts" && <TextsSection {...section} />}
            {tab === "reach" && <ReachSection {...section} />}
          </fieldset>
        </div>
        <footer class={`save-bar${changed ? " save-bar-changed" : ""}`}>
          <p role="status">
            {failure !== null
              ? failure
              : wrong > 0
                ? `${plural(wrong, "field needs", "fields need")} your attention. Nothing was saved yet.`
                : changed
                  ? "Not saved yet."
                  : "All changes are saved."}
          </p>
          <button
            type="button"
            class="button"
            disabled={!changed || busy}
            onClick={() => {
              setForm(saved);
              setErrors({});
              setFailure(null);
            }}
          >
            Discard
          </button>
          <button type="submit" class="button button-primary" disabled={!changed || busy}>
            {busy ? "Saving…" : "Save"}
          </button>
        </footer>
      </form>
    </main>
  );
}
