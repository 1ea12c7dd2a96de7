import type { AgentView, LogEntry, LogEvent } from "../../../../web-shared/src/protocol.ts";
import { ClockTime } from "../../components/times.tsx";
import { REASON_WORDS } from "../../state/words.ts";

export function SystemLine({ entry, me }: { readonly entry: LogEntry; readonly me: string }) {
  const { text, detail } = lineOf(entry.event, me);
  return (
    <p class="line">
      <span>
        {text} · <ClockTime at={entry.at} />
      </span>
      {detail !== "" && <span class="line-detail">{detail}</span>}
    </p>
  );
}

function lineOf(event: LogEvent, me: string): { text: string; detail: string } {
  const name = (agent: AgentView): string => (agent.id === me ? "You" : agent.name);
  switch (event.kind) {
    case "handoff_requested":
      return { text: `Human asked for: ${lowerFirst(REASON_WORDS[event.reason])}`, detail: "" };
    case "handoff_cancelled":
      return { text: "The visitor stopped waiting for a human", detail: "" };
    case "agent_joined":
      return { text: `${name(event.agent)} joined`, detail: "" };
    case "handed_back":
      return { text: `${name(event.agent)} handed back to the AI`, detail: "" };
    case "transferred":
      // A take-over is a transfer that the new holder made.
      return { text: `From ${lowerYou(name(event.from))} to ${lowerYou(name(event.to))}`, detail: "" };
    case "ended":
      return {
        text: event.by === "visitor" ? "The visitor ended the conversation" : "Ended by the team",
        detail: event.text,
      };
    case "reopened":
      return {
        text: event.by === "visitor" ? "The visitor wrote again: reopened" : "Reopened by the team",
        detail: "",
      };
    default:
      return { text: "", detail: "" };
  }
}

const lowerFirst = (text: string): string =>
  text.startsWith("The AI") ? `the AI${text.slice(6)}` : text.charAt(0).toLowerCase() + text.slice(1);
const lowerYou = (name: string): string => (name === "You" ? "you" : name);
