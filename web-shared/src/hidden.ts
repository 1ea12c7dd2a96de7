/**
 * Characters that a reader can't see and a model would read (S59): agents are shown that they are there. `src/domain/hidden.rs` says
 * the same; `tests/fixtures/hidden-text.json` holds both to it.
 */

export type VisiblePart = { text: string; hidden: boolean };

/** The tags block and selectors that smuggle text, controls that reorder it, zero-width marks that split words. No joiners. */
const HIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]|[\u{e0100}-\u{e01ef}]/u;

/** A flag that is written with tags, a run of tags, or one hidden character. */
const MARKED = new RegExp(
  `(\\u{1f3f4}[\\u{e0030}-\\u{e0039}\\u{e0061}-\\u{e007a}]{3,6}\\u{e007f})|([\\u{e0000}-\\u{e007f}]+)|${HIDDEN.source}`,
  "gu",
);

/** Split a text into what is seen and marks for what is not: `U+202E`, or what a run of tags spells. */
export function visibleParts(text: string): VisiblePart[] {
  const parts: VisiblePart[] = [];
  let end = 0;
  for (const match of text.matchAll(MARKED)) {
    const [all, flag, tags] = match;
    if (flag !== undefined) continue;
    if (match.index > end) parts.push({ text: text.slice(end, match.index), hidden: false });
    parts.push({ text: tags === undefined ? codeOf(all) : `hidden text: ${spelled(tags)}`, hidden: true });
    end = match.index + all.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end), hidden: false });
  return parts;
}

/** The same as one text, where no mark-up is possible. */
export function visibleText(text: string): string {
  return visibleParts(text)
    .map((part) => (part.hidden ? `[${part.text}]` : part.text))
    .join("");
}

export function isHidden(character: string): boolean {
  return HIDDEN.test(character);
}

function codeOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

function spelled(tags: string): string {
  return Array.from(tags, (tag) => String.fromCodePoint((tag.codePointAt(0) ?? 0) - 0xe0000))
    .filter((letter) => letter >= " " && letter <= "~")
    .join("");
}
