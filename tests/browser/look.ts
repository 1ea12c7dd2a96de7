// Takes the screenshots that a designer would look at: `LOOK=folder npx vitest run --config tests/browser/vitest.config.ts`.
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "vitest";
import { launch, openConsole, openWidget, person, Server, say } from "./harness.ts";

const folder = process.env.LOOK ?? "target/screenshots";
mkdirSync(folder, { recursive: true });
test("screenshots", async () => {
  const server = await Server.start();
  const browser = await launch();
  const shot = (name: string) => ({ path: join(folder, `${name}.png`) });

  try {
    const desk = await person(browser);
    const console_ = await openConsole(desk.context, server);
    await console_.waitForTimeout(800);
    await console_.screenshot(shot("console-empty"));

    for (const [name, options] of [
      ["widget-desktop", {}],
      ["widget-dark", { colorScheme: "dark" as const }],
      ["widget-phone", { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true }],
    ] as const) {
      const visitor = await person(browser, options);
      const page = await visitor.context.newPage();
      await page.goto(`${server.url}/demo/`);
      await page.waitForTimeout(500);
      await page.screenshot(shot(`${name}-0-closed`));
      const chat = await openWidget(page, server);
      await page.waitForTimeout(400);
      await page.screenshot(shot(`${name}-1-open`));
      await say(chat, "How long does delivery take?");
      await page.waitForTimeout(2500);
      await page.screenshot(shot(`${name}-2-answer`));
      await say(chat, "Can I talk to a real person?");
      await page.waitForTimeout(1000);
      await page.screenshot(shot(`${name}-3-offer`));
      await say(chat, "yes please");
      await page.waitForTimeout(1200);
      await page.screenshot(shot(`${name}-4-waiting`));
    }
    await console_.waitForTimeout(500);
    await console_.screenshot(shot("console-inbox"));
    await console_
      .getByText(/Visitor \d+/)
      .first()
      .click();
    await console_.waitForTimeout(900);
    await console_.screenshot(shot("console-thread"));
    for (const [mode, name] of [
      ["w", "hint"],
      ["n", "note"],
      ["i", "beside"],
    ] as const) {
      await console_.keyboard.press(mode);
      await say(console_, mode === "i" ? "Kim here: it left today." : "The visitor means order 4711.");
      await console_.waitForTimeout(500);
      for (const scheme of ["light", "dark"] as const) {
        await console_.emulateMedia({ colorScheme: scheme });
        for (const width of [1280, 390]) {
          await console_.setViewportSize({ width, height: width === 390 ? 844 : 800 });
          await console_.waitForTimeout(300);
          await console_.screenshot(shot(`console-${name}-${scheme}-${width}`));
        }
      }
      await console_.setViewportSize({ width: 1280, height: 800 });
      await console_.keyboard.press("Escape");
    }
    await console_.emulateMedia({ colorScheme: "dark" });
    await console_.waitForTimeout(300);
    await console_.screenshot(shot("console-dark"));
    await console_.setViewportSize({ width: 390, height: 844 });
    await console_.waitForTimeout(300);
    await console_.screenshot(shot("console-phone"));
    await console_.setViewportSize({ width: 1280, height: 800 });
    await console_.emulateMedia({ colorScheme: "light" });
    for (const [name, path] of [
      ["console-settings", "/chatbot/demo/settings"],
      ["console-knowledge", "/chatbot/demo/knowledge"],
      ["console-notifications", "/notifications"],
    ] as const) {
      await console_.goto(`${server.url}${path}`);
      await console_.waitForTimeout(700);
      await console_.screenshot(shot(name));
    }
    const { mails } = (await (await console_.request.get(`${server.url}/api/v1/outbox`)).json()) as {
      mails: { id: string }[];
    };
    const mail = (await (await console_.request.get(`${server.url}/api/v1/outbox/${mails[0]?.id}`)).json()) as {
      text: string;
    };
    const phone = await person(browser, { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
    const portal = await phone.context.newPage();
    await portal.goto(/https?:\/\/\S+\/portal\/agent#\S+/.exec(mail.text)?.[0] ?? "");
    await portal.waitForTimeout(900);
    await portal.screenshot(shot("portal-phone"));
    console.log("complaints:", desk.list);
  } finally {
    await browser.close();
    await server.end();
  }
});
