import type { AgentView, LogEntry, LogEvent, Reason } from "../../../../web-shared/src/protocol.ts";
import { ClockTime } from "../../components/times.tsx";

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

const REQUESTS: Readonly<Record<Reason, string>> = {
  button: "The visitor pressed “Talk to a human”",
  words: "The visitor asked for a person",
  frustration: "The visitor sounded frustrated: a human was called",
  keyword: "The visitor used a keyword: a human was called",
  cannot_answer: "The AI could not answer: a human was called",
};

function lineOf(event: LogEvent, me: string): { text: string; detail: string } {
  const name = (agent: AgentView): string => (agent.id === me ? "You" : agent.name);
  switch (event.kind) {
    case "handoff_requested":
      return { text: REQUESTS[event.reason], detail: "" };
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

const lowerYou = (name: string): string => (name === "You" ? "you" : name);
