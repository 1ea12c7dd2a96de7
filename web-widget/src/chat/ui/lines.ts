import type { Translate } from "web-shared/i18n/translate.ts";
import type { LogEvent } from "web-shared/protocol.ts";
import type { LineKind } from "web-shared/thread.ts";

export const LINES: readonly LineKind[] = [
  "handoff_requested",
  "handoff_cancelled",
  "agent_joined",
  "handed_back",
  "transferred",
  "ended",
  "reopened",
];

/** The words of a small line in the thread; for the end also the owner's closing text. */
export function lineText(event: LogEvent, t: Translate): { line: string; text: string } {
  const line = (words: string, text = "") => ({ line: words, text });
  switch (event.kind) {
    case "handoff_requested":
      return line(t("lineRequested"));
    case "handoff_cancelled":
      return line(t("lineCancelled"));
    case "agent_joined":
      return line(t("lineJoined", { name: event.agent.name }));
    case "handed_back":
      return line(t("lineHandedBack"));
    case "transferred":
      return line(t("lineTransferred", { name: event.to.name }));
    case "ended":
      return line(t("lineEnded"), event.text);
    case "reopened":
      return line(t("lineReopened"));
    default:
      return line("");
  }
}
