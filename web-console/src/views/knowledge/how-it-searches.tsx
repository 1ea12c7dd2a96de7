/** What keeps questions from being compared by their meaning; nothing when all is well or nobody wants it. */

import type { Knowledge } from "../../api/types.ts";

export function HowItSearches({ search }: { readonly search: Knowledge["search"] }) {
  if (search.missing !== null) {
    return (
      <p class="notice" role="status">
        Questions are matched by their words alone, which finds less: {search.missing}.
      </p>
    );
  }
  const { by_meaning, read_passages, all_passages } = search;
  if (by_meaning || read_passages === 0) return null;
  return (
    <p class="notice" role="status">
      Questions are matched by their words until the AI has read all passages for their meaning ({read_passages} of{" "}
      {all_passages}).
    </p>
  );
}
