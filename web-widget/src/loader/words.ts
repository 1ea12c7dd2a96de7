/** The few words on the host page. The chat itself brings its own; here every byte is in other people's pages. */
const WORDS: Record<string, readonly [open: string, close: string, unread: string, chat: string]> = {
  en: ["Open chat", "Close chat", "unread", "Chat"],
  nl: ["Chat openen", "Chat sluiten", "ongelezen", "Chat"],
  de: ["Chat öffnen", "Chat schließen", "ungelesen", "Chat"],
  fr: ["Ouvrir le chat", "Fermer le chat", "non lus", "Chat"],
  es: ["Abrir el chat", "Cerrar el chat", "sin leer", "Chat"],
  ar: ["فتح المحادثة", "إغلاق المحادثة", "غير مقروءة", "محادثة"],
};

export type LoaderWords = { open: string; close: string; unread: string; chat: string };

export function wordsFor(language: string): LoaderWords {
  const [open, close, unread, chat] = WORDS[language.toLowerCase().split("-")[0] ?? ""] ?? (WORDS.en as never);
  return { open, close, unread, chat };
}
