/** The list of chatbots beside their settings and their knowledge. */

import type { ComponentChildren } from "preact";
import type { Chatbot } from "../api/types.ts";
import { PlusIcon } from "../components/icons.tsx";
import { Empty, Failure, Skeleton } from "../components/states.tsx";
import { chatbots, loadChatbots } from "../state/chatbots.ts";
import { newChatbotOpen } from "../state/overlays.ts";
import { mayManage } from "../state/session.ts";

interface Props {
  readonly title: string;
  readonly chatbot: string;
  readonly addressOf: (chatbot: string) => string;
  readonly children: (chatbot: Chatbot) => ComponentChildren;
}

export function ChatbotPane({ title, chatbot, addressOf, children }: Props) {
  const known = chatbots.value;
  const current = known.is === "ready" ? known.value.find(({ id }) => id === chatbot) : undefined;
  return (
    <div class="panes panes-chatbots">
      <section class="pane-list" aria-label="Chatbots">
        <header class="list-head">
          <div class="list-title">
            <h1 class="list-heading">{title}</h1>
            {mayManage.value && (
              <button
                type="button"
                class="icon-button"
                aria-label="New chatbot"
                title="New chatbot"
                onClick={() => (newChatbotOpen.value = true)}
              >
                <PlusIcon />
              </button>
            )}
          </div>
        </header>
        {known.is === "loading" && <Skeleton lines={3} label="Loading chatbots" />}
        {known.is === "failed" && (
          <Failure
            title="The chatbots could not be loaded"
            message={known.message}
            onRetry={() => void loadChatbots()}
          />
        )}
        {known.is === "ready" && (
          <ul class="chatbots">
            {known.value.map(({ id, settings }) => (
              <li key={id}>
                <a
                  class="chatbot-link"
                  href={addressOf(id)}
                  {...(id === chatbot ? { "aria-current": "page" as const } : {})}
                >
                  <span class="chatbot-color" style={{ background: settings.brand_color }} />
                  <span class="chatbot-name">{settings.name}</span>
                  <span class="chatbot-id">{id}</span>
                </a>
              </li>
            ))}
          </ul>
        )}
      </section>
      {current ? (
        children(current)
      ) : (
        <main class="pane-main pane-blank">
          {known.is === "ready" && (
            <Empty title="This chatbot is not there">
              <p>It was removed, or the address is wrong. Choose another one on the left.</p>
            </Empty>
          )}
        </main>
      )}
    </div>
  );
}
