import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { Hub } from "./hub.ts";

const DIST = join(import.meta.dirname, "../dist");
export const CHAT = "https://chat.example";
export const SHOP = "https://shop.example";
export const EVIL = "https://evil.example";

/** The policy that the server sends with the chat page. */
const CHAT_CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; font-src 'none'; base-uri 'none'; form-action 'none'";
/** As strict as a customer's page may be. */
const SHOP_CSP = `default-src 'none'; script-src 'nonce-n1'; style-src 'self'; frame-src ${CHAT} ${EVIL}; require-trusted-types-for 'script'`;

export function launch(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
  return chromium.launch({ executablePath, args: [...args, "--disable-component-update", "--disable-sync"] });
}

/** A browser of one visitor, with a shop that embeds the built widget and a hub behind it. No request leaves the machine. */
export class Visit {
  readonly hub = new Hub();
  readonly requests: string[] = [];
  /** Errors and blocked resources: a clean run has none. */
  readonly complaints: string[] = [];
  readonly context: BrowserContext;
  /** Put into the shop's page: attributes of the script tag, and scripts before it. */
  attributes = "";
  before = "";

  private constructor(context: BrowserContext) {
    this.context = context;
  }

  static async begin(browser: Browser, options: BrowserContextOptions = {}): Promise<Visit> {
    const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 800 }, ...options });
    const visit = new Visit(context);
    await context.route("**/*", (route) => {
      const url = new URL(route.request().url());
      visit.requests.push(url.href);
      return route.fulfill(visit.#answer(url));
    });
    await context.routeWebSocket("wss://chat.example/ws/visitor", (socket) => visit.hub.accept(socket));
    return visit;
  }

  async page(url: string): Promise<Page> {
    const page = await this.context.newPage();
    page.on("pageerror", (error) => this.complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error") this.complaints.push(message.text());
    });
    await page.goto(url);
    return page;
  }

  /** A shop page on which the widget has started. */
  async shop(): Promise<Page> {
    const page = await this.page(`${SHOP}/`);
    await page.waitForFunction(() => "version" in ((window as unknown as { Baton?: object }).Baton ?? {}));
    return page;
  }

  /** The hosted chat page, live. */
  async chat(): Promise<Page> {
    const page = await this.page(`${CHAT}/chat/demo`);
    await page.getByText("Hello! Ask me anything.").waitFor();
    return page;
  }

  #answer(url: URL): { status?: number; contentType?: string; body?: string; headers?: Record<string, string> } {
    const file = (name: string) => ({ body: readFileSync(join(DIST, name), "utf8") });
    const html = { contentType: "text/html" };
    if (url.origin === CHAT) {
      if (url.pathname === "/widget.js") return { contentType: "text/javascript", ...file("widget.js") };
      if (url.pathname.startsWith("/assets/widget/")) {
        return { contentType: "text/javascript", ...file(url.pathname.replace("/assets/widget/", "assets/")) };
      }
      return { ...html, headers: { "content-security-policy": CHAT_CSP }, ...file("chat.html") };
    }
    if (url.origin === EVIL) {
      const steal = "parent.frames[0].postMessage({baton:1,type:'navigate',page:{url:'https://evil.example/'}},'*')";
      return { ...html, body: `<script>addEventListener('message', () => ${steal})</script>` };
    }
    const tag = `<script nonce="n1" async src="${CHAT}/widget.js" data-chatbot="demo" ${this.attributes}></script>`;
    const body = `<!doctype html><html lang="en"><head><meta name="viewport" content="width=device-width"><title>Shop</title>${this.before}${tag}</head><body><h1>Shop</h1></body></html>`;
    return { ...html, headers: { "content-security-policy": SHOP_CSP }, body };
  }
}
