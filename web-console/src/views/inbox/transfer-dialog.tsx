import { Dialog } from "../../components/dialog.tsx";
import { AvailabilityDot, Avatar } from "../../components/marks.tsx";
import { hub } from "../../state/console.ts";
import { transferring } from "../../state/overlays.ts";
import { toast } from "../../state/toasts.ts";
import { AVAILABILITY_WORDS } from "../../state/words.ts";

const RANK = { online: 0, away: 1, offline: 2 } as const;

export function TransferDialog() {
  const conversation = transferring.value;
  const line = hub.value;
  if (conversation === null || !line) return null;
  const close = (): void => {
    transferring.value = null;
  };
  const others = line.team.value
    .filter(({ agent }) => agent.id !== line.me.value?.id)
    .sort((a, b) => RANK[a.availability] - RANK[b.availability] || a.agent.name.localeCompare(b.agent.name));
  const give = (agent: string): void => {
    if (!line.transfer(conversation, agent))
      toast("Not connected: the chat is still yours. Try again in a moment.", "error");
    close();
  };
  return (
    <Dialog title="Transfer to a colleague" onClose={close}>
      {others.length === 0 ? (
        <p class="dialog-text">
          You are the only one in this workspace. Colleagues are listed here once they have an account.
        </p>
      ) : (
        <ul class="people">
          {others.map(({ agent, availability, connected }) => (
            <li key={agent.id}>
              <button type="button" class="person" onClick={() => give(agent.id)}>
                <Avatar agent={agent} />
                <span class="person-name">
                  {agent.name}
                  <span class="quiet">
                    {AVAILABILITY_WORDS[availability]}
                    {!connected && availability !== "offline" ? ", console closed" : ""}
                  </span>
                </span>
                <AvailabilityDot availability={availability} />
              </button>
            </li>
          ))}
        </ul>
      )}
    </Dialog>
  );
}
