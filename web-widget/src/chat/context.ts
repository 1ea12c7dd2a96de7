import type { Translate } from "web-shared/i18n/translate.ts";
import type { Store } from "web-shared/storage.ts";
import type { Host } from "./host.ts";
import type { Session } from "./session.ts";

/** What every part of the chat may use. */
export type Context = {
  session: Session;
  host: Host;
  store: Store;
  t: Translate;
  /** BCP 47 tag for dates and numbers. */
  locale: string;
};
