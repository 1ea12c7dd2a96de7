import { useEffect } from "preact/hooks";

const WORDS = {
  incomplete: ["This link is not complete", "Open the whole link from the mail. The part after the # sign is needed."],
  gone: [
    "This link does not work any more",
    "It has expired or was revoked, and nothing was changed by opening it. If the visitor still needs help, log in to the console or open the link in the newest mail.",
  ],
  stopped: [
    "Not connected",
    "The connection was closed and is not tried again. Reload this page; what you wrote is kept.",
  ],
} as const;

/** The same page whether a link expired, was revoked or never existed: it must not tell which. */
export function PortalClosed({ reason }: { readonly reason: keyof typeof WORDS }) {
  const [title, text] = WORDS[reason];
  useEffect(() => {
    document.title = title;
  }, [title]);
  return (
    <main class="door">
      <div class="door-card">
        <h1>{title}</h1>
        <p>{text}</p>
        {reason === "stopped" ? (
          <button type="button" class="button button-primary button-wide" onClick={() => location.reload()}>
            Reload
          </button>
        ) : (
          <a class="button button-wide" href="/inbox">
            Log in to the console
          </a>
        )}
      </div>
    </main>
  );
}
