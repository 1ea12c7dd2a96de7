/** Files offered as knowledge: what is taken, and what is said about the rest. Pure. */

export const KNOWLEDGE_ENDINGS: readonly string[] = [".md", ".txt", ".csv", ".json", ".jsonl"];

export const isKnowledgeName = (name: string): boolean =>
  KNOWLEDGE_ENDINGS.some((ending) => name.toLowerCase().endsWith(ending) && name.length > ending.length);

/** Pasted text gets a name whose ending says how to read it. */
export function pastedName(title: string): string {
  const name = title.trim();
  return isKnowledgeName(name) ? name : `${name === "" ? "Pasted text" : name}.md`;
}

export function sizeWords(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 999_500) return `${Math.round(bytes / 1000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
