export type TextPart = { text: string; href: string | null };

const ADDRESS = /\bhttps?:\/\/[^\s<>"'`]+/giu;

/** Split a text into plain parts and web addresses. Punctuation that ends a sentence is not part of the address. */
export function splitLinks(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const match of text.matchAll(ADDRESS)) {
    const address = trimEnd(match[0]);
    const href = webAddress(address);
    if (!href) continue;
    if (match.index > end) parts.push({ text: text.slice(end, match.index), href: null });
    parts.push({ text: address, href });
    end = match.index + address.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end), href: null });
  return parts;
}

/** The address when it is http or https (never `javascript:`, `data:` or a relative one), else null. */
export function webAddress(address: string | null): string | null {
  if (!address || !URL.canParse(address)) return null;
  const url = new URL(address);
  return url.protocol === "https:" || url.protocol === "http:" ? url.href : null;
}

function trimEnd(address: string): string {
  let rest = address.replace(/[.,;:!?…]+$/u, "");
  // "(see https://example.org/a_(b))" keeps the bracket that was opened inside the address.
  while (rest.endsWith(")") && count(rest, ")") > count(rest, "("))
    rest = rest.slice(0, -1).replace(/[.,;:!?…]+$/u, "");
  return rest;
}

function count(text: string, char: string): number {
  return text.split(char).length - 1;
}
