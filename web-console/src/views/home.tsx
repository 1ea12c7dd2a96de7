import { useEffect } from "preact/hooks";
import { Failure, Skeleton } from "../components/states.tsx";
import { chatbots, loadChatbots } from "../state/chatbots.ts";
import { navigate } from "../state/router.ts";
import { NewChatbotForm } from "./new-chatbot.tsx";

/** The start page is a way, not a place: to the inbox, or to the first chatbot. */
export function HomeView() {
  const known = chatbots.value;
  const ready = known.is === "ready" && known.value.length > 0;
  useEffect(() => {
    if (ready) void navigate("/inbox", "replace");
  }, [ready]);
  if (known.is === "failed") {
    return (
      <main class="pane-main pane-blank">
        <Failure title="The chatbots could not be loaded" message={known.message} onRetry={() => void loadChatbots()} />
      </main>
    );
  }
  if (known.is === "loading" || ready) {
    return (
      <main class="pane-main pane-blank">
        <Skeleton lines={3} label="Loading" />
      </main>
    );
  }
  return (
    <main class="pane-main pane-blank">
      <div class="start">
        <h1>Your first chatbot</h1>
        <p class="quiet">It answers visitors from what you teach it, and calls you when it can't. Three steps:</p>
        <ol class="steps">
          <li>
            <strong>Name it.</strong> Colours and texts can be changed later.
          </li>
          <li>
            <strong>Give it knowledge.</strong> Drop in your help pages or a list of questions and answers.
          </li>
          <li>
            <strong>Put it on your site.</strong> One line to copy.
          </li>
        </ol>
        <NewChatbotForm />
      </div>
    </main>
  );
}
