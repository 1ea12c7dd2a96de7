import { TextArea } from "../../components/field.tsx";
import { Section } from "./section.tsx";
import type { SectionProps } from "./settings-view.tsx";

export function ReachSection({ form, errors, change }: SectionProps) {
  return (
    <Section id="reach" title="Notifications and sites" says="Who is told, and where the widget may run.">
      <TextArea
        label="E-mail addresses to notify"
        hint="One per line. Each handoff is mailed here with the chat and a link to join it without login. A shared team address works best."
        value={form.notify_emails}
        onInput={(notify_emails) => change({ notify_emails })}
        error={errors.notify_emails}
      />
      <TextArea
        label="Allowed sites"
        hint="One per line, like https://www.example.com. Empty: any site may show the widget."
        value={form.allowed_origins}
        onInput={(allowed_origins) => change({ allowed_origins })}
        error={errors.allowed_origins}
      />
    </Section>
  );
}
