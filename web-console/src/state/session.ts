/** Who is logged in. Nothing else in the console runs without it. */

import { computed, signal } from "@preact/signals";
import * as api from "../api/endpoints.ts";
import { ApiError, whenUnauthenticated } from "../api/http.ts";
import type { Me } from "../api/types.ts";
import { dropGuard, navigate, route } from "./router.ts";

export type Session =
  | { readonly is: "unknown" }
  | { readonly is: "unreachable"; readonly message: string }
  | { readonly is: "nobody" }
  | { readonly is: "agent"; readonly me: Me };

export const session = signal<Session>({ is: "unknown" });

/** Owners and admins change chatbots; agents use them. The server decides, this only saves a refusal. */
export const mayManage = computed(() => session.value.is === "agent" && session.value.me.role !== "agent");

/** Only an address of this console is taken: a crafted link must not lead away after the login. */
export function returnAddress(search: string): string {
  const back = new URLSearchParams(search).get("back") ?? "";
  const inside = back.startsWith("/") && !back.startsWith("//") && !back.startsWith("/\\");
  return inside && !back.startsWith("/login") && !back.startsWith("/setup") ? back : "/";
}

export async function loadSession(): Promise<void> {
  whenUnauthenticated(loseSession);
  try {
    session.value = { is: "agent", me: await api.whoAmI() };
    if (route.value.view === "login" || route.value.view === "setup")
      await navigate(returnAddress(location.search), "replace");
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 401) {
      const message = error instanceof ApiError ? error.message : "The server can't be reached.";
      session.value = { is: "unreachable", message };
      return;
    }
    session.value = { is: "nobody" };
    if (route.value.view === "setup" || route.value.view === "login") return;
    const { needed } = await api.setupNeeded().catch(() => ({ needed: false }));
    if (needed) await navigate("/setup", "replace");
    else loseSession();
  }
}

/** The cookie is gone or was revoked: ask for it again and come back to where this was. */
export function loseSession(): void {
  session.value = { is: "nobody" };
  if (route.value.view === "login" || route.value.view === "setup") return;
  dropGuard();
  const back = `${location.pathname}${location.search}`;
  void navigate(back === "/" ? "/login" : `/login?back=${encodeURIComponent(back)}`, "replace");
}

export async function enter(me: Me): Promise<void> {
  const back = returnAddress(location.search);
  session.value = { is: "agent", me };
  await navigate(back, "replace");
}

export async function leave(): Promise<void> {
  await api.logOut();
  session.value = { is: "nobody" };
  await navigate("/login", "replace");
}
