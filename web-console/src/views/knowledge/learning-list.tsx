/** What agents answered after a handoff: the owner words it, approves it, or turns it down. */

import { useState } from "preact/hooks";
import { approveProposal, rejectProposal } from "../../api/endpoints.ts";
import { ApiError, messageOf } from "../../api/http.ts";
import type { Chatbot, Proposal } from "../../api/types.ts";
import { TextArea } from "../../components/field.tsx";
import { PersonIcon } from "../../components/icons.tsx";
import { Empty, Failure, Skeleton } from "../../components/states.tsx";
import { Ago } from "../../components/times.tsx";
import type { Loaded } from "../../state/chatbots.ts";
import { inboxPath, settingsPath } from "../../state/router.ts";
import { mayManage } from "../../state/session.ts";
import { toast } from "../../state/toasts.ts";

interface Props {
  readonly chatbot: Chatbot;
  readonly list: Loaded<readonly Proposal[]>;
  readonly reload: () => Promise<void>;
}

export function LearningList({ chatbot, list, reload }: Props) {
  const on = chatbot.settings.ai.learn_from_agents;
  if (list.is === "loading") return <Skeleton lines={4} label="Loading proposals" />;
  if (list.is === "failed")
    return <Failure title="The proposals could not be loaded" message={list.message} onRetry={() => void reload()} />;
  return (
    <>
      {!on && (
        <p class="notice">
          Proposals are switched off. <a href={`${settingsPath(chatbot.id)}?show=ai`}>Switch them on in the settings</a>
          .
        </p>
      )}
      {list.value.length === 0 ? (
        <Empty title="Nothing to decide" icon={<PersonIcon size={28} />}>
          <p>
            When a human has answered what the AI could not, the question and the answer are proposed here. You edit
            them and decide whether the AI may say so too.
          </p>
        </Empty>
      ) : (
        <>
          <p class="quiet">
            Addresses and numbers of people are masked. Look for names before you approve: the AI will say it to
            everybody.
          </p>
          <ul class="proposals">
            {list.value.map((proposal) => (
              <ProposalCard key={proposal.id} chatbot={chatbot} proposal={proposal} reload={reload} />
            ))}
          </ul>
        </>
      )}
    </>
  );
}

interface CardProps {
  readonly chatbot: Chatbot;
  readonly proposal: Proposal;
  readonly reload: () => Promise<void>;
}

function ProposalCard({ chatbot, proposal, reload }: CardProps) {
  const [question, setQuestion] = useState(proposal.question);
  const [answer, setAnswer] = useState(proposal.answer);
  const [busy, setBusy] = useState(false);
  const [errors, setErrors] = useState<Readonly<Record<string, string>>>({});

  const decide = async (send: () => Promise<void>, done: string): Promise<void> => {
    setBusy(true);
    setErrors({});
    try {
      await send();
      toast(done);
    } catch (error) {
      if (error instanceof ApiError && Object.keys(error.fields).length > 0) {
        setErrors(error.fields);
        setBusy(false);
        return;
      }
      const gone = error instanceof ApiError && error.status === 404;
      toast(gone ? "Somebody else has decided about it already." : `Nothing was changed. ${messageOf(error)}`, "error");
    }
    setBusy(false);
    await reload();
  };

  return (
    <li class="proposal">
      <form
        class="stack"
        aria-label={`Proposal: ${proposal.question}`}
        onSubmit={(event) => {
          event.preventDefault();
          void decide(
            () => approveProposal(chatbot.id, proposal.id, question, answer),
            "Approved. The AI answers it from now on.",
          );
        }}
      >
        <p class="proposal-from">
          {proposal.agent_name} answered <Ago at={proposal.made_at} /> ·{" "}
          <a href={`${inboxPath(chatbot.id)}?conversation=${encodeURIComponent(proposal.conversation)}`}>
            Open the conversation
          </a>
        </p>
        <fieldset class="stack" disabled={!mayManage.value || busy}>
          <TextArea label="Question" rows={2} value={question} onInput={setQuestion} error={errors.question} />
          <TextArea label="Answer" rows={4} value={answer} onInput={setAnswer} error={errors.answer} />
          {mayManage.value && (
            <div class="button-row">
              <button
                type="submit"
                class="button button-primary"
                disabled={question.trim() === "" || answer.trim() === ""}
              >
                Approve
              </button>
              <button
                type="button"
                class="button"
                onClick={() =>
                  void decide(() => rejectProposal(chatbot.id, proposal.id), "Rejected. It is not proposed again.")
                }
              >
                Reject
              </button>
            </div>
          )}
        </fieldset>
      </form>
    </li>
  );
}
