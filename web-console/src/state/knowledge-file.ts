/** Files offered as knowledge: what is taken, and what is said about the rest. Pure. */

export const KNOWLEDGE_ENDINGS: readonly string[] = [".md", ".txt", ".html", ".csv", ".json", ".jsonl"];
/** Read as well, but not worth a word. */
const ALSO_READ: readonly string[] = [".markdown", ".text", ".htm", ".xhtml", ".tsv", ".ndjson"];

export const isKnowledgeName = (name: string): boolean =>
  [...KNOWLEDGE_ENDINGS, ...ALSO_READ].some(
    (ending) => name.toLowerCase().endsWith(ending) && name.length > ending.length,
  );

/** Pasted text gets a name whose ending says how to read it. */
export function pastedName(title: string): string {
  const name = title.trim();
  return isKnowledgeName(name) ? name : `${name === "" ? "Pasted text" : name}.md`;
}

/** Spreadsheets save as UTF-16 or in the old code page of the country; what is not UTF-8 is read as what it then is. */
export function decodeText(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

export function sizeWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 999_500) return `${Math.round(bytes / 1000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
