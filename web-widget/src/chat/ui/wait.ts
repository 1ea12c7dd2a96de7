import type { Translate } from "web-shared/i18n/translate.ts";
import type { TeamState } from "web-shared/protocol.ts";

type Place = { ahead: number; eta_seconds: number | null };

/** "There are 2 people ahead of you, the estimated wait is about 4 minutes." While nobody is online a place in the queue would mislead. */
export function waitSentence({ ahead, eta_seconds }: Place, team: TeamState | null, t: Translate): string {
  if (eta_seconds === null && team === "offline") return t("waitOffline");
  if (eta_seconds === null) return ahead === 0 ? t("next") : t("ahead", { count: ahead });
  const minutes = Math.max(1, Math.round(eta_seconds / 60));
  if (ahead === 0) return t("nextWait", { count: minutes });
  return t("aheadWait", { ahead: t("aheadPart", { count: ahead }), wait: t("waitPart", { count: minutes }) });
}
