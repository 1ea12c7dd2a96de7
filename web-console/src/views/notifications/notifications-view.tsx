/** What Baton does behind the scenes: jobs that are tried again, and mails that could not leave without a mail server. */

import { useCallback, useEffect, useState } from "preact/hooks";
import { jobs, outbox, retryJob } from "../../api/endpoints.ts";
import { messageOf } from "../../api/http.ts";
import type { Job, JobState, Outbox } from "../../api/types.ts";
import { BellIcon } from "../../components/icons.tsx";
import { Empty, Failure, Skeleton } from "../../components/states.tsx";
import { Ago, LOCALE } from "../../components/times.tsx";
import { chatbotById, type Loaded } from "../../state/chatbots.ts";
import { now } from "../../state/clock.ts";
import { query, setQuery } from "../../state/router.ts";
import { toast } from "../../state/toasts.ts";
import { plural } from "../../state/words.ts";
import { OutboxList } from "./outbox-list.tsx";

type Tab = JobState | "mails";

const TABS: readonly (readonly [Tab, string])[] = [
  ["pending", "To do"],
  ["failed", "Failed"],
  ["done", "Done"],
  ["mails", "Mails on disk"],
];
const EMPTY: Readonly<Record<JobState, readonly [string, string]>> = {
  pending: [
    "Nothing to do",
    "Mails to send and answers to make stand here until they are done. A failure is tried again by itself.",
  ],
  failed: [
    "Nothing failed",
    "What could not be done after several tries stands here, with the reason and a way to try again.",
  ],
  done: ["Nothing done yet", "When somebody asks for a human, this says who was told, or why nobody was."],
};
const REFRESH_MS = 10_000;
const LIMIT = 100;

export function NotificationsView() {
  const asked = query.value.get("show") as Tab | null;
  const tab: Tab = TABS.some(([name]) => name === asked) ? (asked as Tab) : "pending";
  const [box, setBox] = useState<Loaded<Outbox>>({ is: "loading" });
  const loadBox = useCallback(async (): Promise<void> => {
    try {
      setBox({ is: "ready", value: await outbox() });
    } catch (error) {
      setBox({ is: "failed", message: messageOf(error) });
    }
  }, []);
  useEffect(() => void loadBox(), [loadBox]);
  const undelivered = box.is === "ready" && !box.value.smtp_configured;

  return (
    <main class="pane-main page">
      <div class="page-scroll page-narrow">
        <header class="page-head">
          <h1>Notifications</h1>
          <p class="quiet">Who was told about what, what is still to do, and what went wrong.</p>
        </header>
        {undelivered && (
          <p class="notice">
            No mail server is configured, so mails are written to disk instead of being sent. You can read them under
            “Mails on disk”. To send them, set the SMTP section in the configuration and restart.
          </p>
        )}
        <nav class="tabs" aria-label="What to show">
          {TABS.map(([name, label]) => (
            <button
              key={name}
              type="button"
              class="tab"
              {...(name === tab ? { "aria-current": "true" as const } : {})}
              onClick={() =>
                setQuery((next) => (name === "pending" ? next.delete("show") : next.set("show", name)), "replace")
              }
            >
              {label}
            </button>
          ))}
        </nav>
        {tab === "mails" ? <OutboxList box={box} reload={loadBox} /> : <JobList key={tab} state={tab} />}
      </div>
    </main>
  );
}

function JobList({ state }: { readonly state: JobState }) {
  const [list, setList] = useState<Loaded<readonly Job[]>>({ is: "loading" });
  const load = useCallback(async (): Promise<void> => {
    try {
      setList({ is: "ready", value: await jobs(state, LIMIT) });
    } catch (error) {
      setList({ is: "failed", message: messageOf(error) });
    }
  }, [state]);
  useEffect(() => {
    void load();
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") void load();
    }, REFRESH_MS);
    return () => clearInterval(timer);
  }, [load]);

  const retry = async (job: Job): Promise<void> => {
    try {
      await retryJob(job.id);
      toast("It is tried again now.");
    } catch (error) {
      toast(`It was not tried again. ${messageOf(error)}`, "error");
    }
    await load();
  };

  if (list.is === "loading") return <Skeleton lines={4} label="Loading" />;
  if (list.is === "failed")
    return <Failure title="The list could not be loaded" message={list.message} onRetry={() => void load()} />;
  if (list.value.length === 0) {
    const [title, text] = EMPTY[state];
    return (
      <Empty title={title} icon={<BellIcon size={28} />}>
        <p>{text}</p>
      </Empty>
    );
  }
  return (
    <ul class="jobs">
      {list.value.map((job) => (
        <JobItem key={job.id} job={job} onRetry={() => void retry(job)} />
      ))}
    </ul>
  );
}

const KIND_WORDS: Readonly<Record<Job["kind"], string>> = {
  ai_answer: "Answer of the AI",
  handoff_email: "Mail about a handoff",
  learn: "Answer of an agent, to learn from",
};

function JobItem({ job, onRetry }: { readonly job: Job; readonly onRetry: () => void }) {
  const why = job.state === "done" ? job.outcome : (job.last_error ?? job.outcome);
  return (
    <li class={`job job-${job.state}`}>
      <div class="job-words">
        <p class="job-title">
          <strong>{KIND_WORDS[job.kind] ?? job.kind}</strong>
          <span class="quiet"> · {chatbotById(job.chatbot)?.settings.name ?? job.chatbot}</span>
        </p>
        {why !== null && <p class={job.state === "done" ? "job-outcome" : "job-error"}>{why}</p>}
        <p class="quiet">
          {job.state === "pending" && job.run_at > now.value ? (
            <>Next try {inWords(job.run_at - now.value)}</>
          ) : (
            <Ago at={job.run_at} />
          )}
          {job.attempts > 0 && ` · ${plural(job.attempts, "try", "tries")}`} ·{" "}
          <a href={`/inbox?conversation=${job.conversation}`}>Open the conversation</a>
        </p>
      </div>
      {job.state !== "done" && (
        <button type="button" class="button button-small" onClick={onRetry}>
          {job.state === "failed" ? "Try again" : "Try now"}
        </button>
      )}
    </li>
  );
}

function inWords(ms: number): string {
  const format = new Intl.RelativeTimeFormat(LOCALE, { numeric: "always" });
  const seconds = Math.ceil(ms / 1000);
  return seconds < 90 ? format.format(seconds, "second") : format.format(Math.round(seconds / 60), "minute");
}
