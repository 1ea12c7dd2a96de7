/** Small marks that carry meaning: presence, status, avatar. Each has a word or a shape beside its colour. */

import { hueOf, initials } from "../../../web-shared/src/names.ts";
import type { AgentView, Availability, StatusName } from "../../../web-shared/src/protocol.ts";
import { AVAILABILITY_WORDS, STATUS_MEANS, STATUS_WORDS } from "../state/words.ts";

/** Filled: here. Ring: gone. */
export function PresenceDot({ online }: { readonly online: boolean }) {
  const word = online ? "Online" : "Offline";
  return (
    <span class={`dot ${online ? "dot-online" : "dot-offline"}`} title={`Visitor: ${word.toLowerCase()}`}>
      <span class="sr-only">{word}</span>
    </span>
  );
}

export function AvailabilityDot({ availability }: { readonly availability: Availability }) {
  return (
    <span class={`dot dot-${availability}`} title={AVAILABILITY_WORDS[availability]}>
      <span class="sr-only">{AVAILABILITY_WORDS[availability]}</span>
    </span>
  );
}

export function StatusWord({ status }: { readonly status: StatusName }) {
  return (
    <span class={`status status-${status}`} title={STATUS_MEANS[status]}>
      {STATUS_WORDS[status]}
    </span>
  );
}

/** Tells people apart by their letters first; the tint only helps. */
export function Avatar({ agent }: { readonly agent: AgentView }) {
  return (
    <span class={`avatar avatar-${Math.floor(hueOf(agent.id) / 60)}`} aria-hidden="true">
      {initials(agent.name)}
    </span>
  );
}
