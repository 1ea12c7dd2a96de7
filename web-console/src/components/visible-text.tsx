import { visibleParts } from "../../../web-shared/src/hidden.ts";

/** A stranger's text, with a mark where it holds what can't be seen (S59). */
export function VisibleText({ text }: { readonly text: string }) {
  return (
    <>
      {visibleParts(text).map((part, index) =>
        part.hidden ? (
          <mark key={index} class="hidden-mark" title="A hidden character in this text">
            {part.text}
          </mark>
        ) : (
          part.text
        ),
      )}
    </>
  );
}
