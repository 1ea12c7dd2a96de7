/** How the saved provider fares, and a way to try it: a provider that fails is replaced by the documents, and nobody would notice. */

import { useEffect, useState } from "preact/hooks";
import { providerHealth, tryProvider } from "../../api/endpoints.ts";
import { messageOf } from "../../api/http.ts";
import type { ProviderHealth } from "../../api/types.ts";
import { Ago } from "../../components/times.tsx";
import { plural } from "../../state/words.ts";

const LOOK_EVERY_MS = 15_000;

interface Props {
  readonly chatbot: string;
  /** The form holds what is not saved: what is tried would be something else. */
  readonly changed: boolean;
}

type Trial = { readonly works: boolean; readonly says: string };

export function ProviderStatus({ chatbot, changed }: Props) {
  const [health, setHealth] = useState<ProviderHealth | null>(null);
  const [trial, setTrial] = useState<Trial | null>(null);
  const [trying, setTrying] = useState(false);

  useEffect(() => {
    let gone = false;
    const look = (): void => {
      // A look that fails is made again; the page says itself when the server is away.
      providerHealth(chatbot).then(
        (found) => !gone && setHealth(found),
        () => undefined,
      );
    };
    look();
    const timer = setInterval(look, LOOK_EVERY_MS);
    return () => {
      gone = true;
      clearInterval(timer);
    };
  }, [chatbot, trial]);

  const attempt = async (): Promise<void> => {
    setTrying(true);
    setTrial(null);
    try {
      const { works, error, millis } = await tryProvider(chatbot);
      const seconds = (millis / 1000).toFixed(1);
      setTrial(
        works ? { works, says: `It answered in ${seconds} s.` } : { works, says: sentence(error ?? "It failed") },
      );
    } catch (error) {
      setTrial({ works: false, says: messageOf(error) });
    } finally {
      setTrying(false);
    }
  };

  return (
    <div class="provider">
      <div class="provider-words" role="status">
        {health && <Health health={health} />}
        {trial && <p class={trial.works ? "provider-well" : "provider-ill"}>{trial.says}</p>}
      </div>
      <button type="button" class="button button-small" disabled={trying || changed} onClick={() => void attempt()}>
        {trying ? "Trying…" : "Try the connection"}
      </button>
      {changed && <p class="field-hint">Save first: what is saved is tried.</p>}
    </div>
  );
}

function Health({ health }: { readonly health: ProviderHealth }) {
  const { failing_since, failures, last_error, last_success_at, limited_at, spent_today } = health;
  return (
    <>
      {failing_since !== null ? (
        <p class="provider-ill">
          Failing since <Ago at={failing_since} />, {plural(failures, "time", "times")}. {sentence(last_error ?? "")}{" "}
          Until it works again, answers come from your documents.
        </p>
      ) : last_success_at !== null ? (
        <p class="provider-well">
          Works: it answered <Ago at={last_success_at} />.
        </p>
      ) : (
        <p>Not asked yet since the server started.</p>
      )}
      {limited_at !== null && (
        <p>
          A limit kept an answer from being asked for <Ago at={limited_at} />.
        </p>
      )}
      <p class="quiet">{plural(spent_today, "token", "tokens")} today (UTC).</p>
    </>
  );
}

/** The server's reasons are clauses. */
function sentence(clause: string): string {
  return clause === "" ? "" : `${clause.charAt(0).toUpperCase()}${clause.slice(1)}.`;
}
