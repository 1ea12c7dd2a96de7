/** The portal's key: comes in the fragment, moves to this tab's storage, and leaves the address at once. */

export interface TokenPlaces {
  readonly hash: string;
  readonly storage: Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length"> | null;
  /** Show the address without the fragment. */
  readonly clean: () => void;
}

const KEY = "baton.portal.token";
/** Everything else of the portal in this tab's storage: drafts and unsent messages belong to one link. */
export const PORTAL_PREFIX = "baton.portal.";

export function takePortalToken({ hash, storage, clean }: TokenPlaces): string | null {
  const given = hash.replace(/^#/, "");
  if (given === "") return read(storage);
  clean();
  try {
    if (storage && storage.getItem(KEY) !== given) {
      forgetPortal(storage);
      storage.setItem(KEY, given);
    }
  } catch {
    // Without storage the link works until the page is reloaded.
  }
  return given;
}

function read(storage: TokenPlaces["storage"]): string | null {
  try {
    return storage?.getItem(KEY) ?? null;
  } catch {
    return null;
  }
}

function forgetPortal(storage: NonNullable<TokenPlaces["storage"]>): void {
  const names = Array.from({ length: storage.length }, (_, index) => storage.key(index));
  for (const name of names) {
    if (name?.startsWith(PORTAL_PREFIX)) storage.removeItem(name);
  }
}
