import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type FrameLocator,
  type Page,
} from "playwright-core";

const ROOT = join(import.meta.dirname, "../..");
const BINARY = process.env.BATON_BINARY ?? join(ROOT, "target/debug/baton");
export const OWNER = { name: "Kim", email: "kim@shop.test", password: "correct horse battery staple" };

export function launch(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? "/usr/bin/chromium";
  const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"];
  return chromium.launch({ executablePath, args: [...args, "--disable-component-update", "--disable-sync"] });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() =>
        address && typeof address === "object" ? resolve(address.port) : reject(new Error("no port")),
      );
    });
  });
}

/** Where people go; the link is used up by the first who signs in. */
export type Site = { readonly url: string; setupLink: string };

/** The built server with its own data folder, started, killed and started again as a test needs. */
export class Server {
  readonly url: string;
  setupLink = "";
  #process: ChildProcess | undefined;
  readonly #port: number;
  readonly #data = mkdtempSync(join(tmpdir(), "baton-browser-"));

  private constructor(port: number) {
    this.#port = port;
    this.url = `http://127.0.0.1:${port}`;
  }

  static async start(): Promise<Server> {
    const server = new Server(await freePort());
    await server.run();
    return server;
  }

  async run(): Promise<void> {
    const child = spawn(BINARY, ["serve", "--demo"], {
      cwd: ROOT,
      env: {
        ...process.env,
        BATON__DATA__DIR: this.#data,
        BATON__SERVER__LISTEN: `127.0.0.1:${this.#port}`,
        BATON__CONVERSATION__PRESENCE_GRACE_MS: "1500",
        BATON__LOG__FILTER: "warn",
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.#process = child;
    await new Promise<void>((resolve, reject) => {
      let output = "";
      child.stdout?.on("data", (data: Buffer) => {
        output += String(data);
        const link = /first login (\S+)/.exec(output)?.[1];
        if (link) this.setupLink = link;
        // The console's line is printed when sockets are open; the set-up link, where there is one, right behind it.
        if (/console {5}http/.test(output)) setTimeout(resolve, 50);
      });
      child.once("exit", (code) => reject(new Error(`the server ended with ${code}: ${output}`)));
    });
  }

  /** As a power cut would: no signal handler runs. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (!child) return;
    this.#process = undefined;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.removeAllListeners("exit");
    child.once("exit", () => undefined);
    const gone = new Promise((resolve) => child.once("close", resolve));
    child.kill("SIGKILL");
    await Promise.race([ended, gone]);
  }

  async end(): Promise<void> {
    await this.kill();
    rmSync(this.#data, { recursive: true, force: true });
  }
}

/** `make cluster` with the built server: three nodes behind one address. */
export class Cluster implements Site {
  readonly url: string;
  setupLink: string;
  /** The processes of the nodes. */
  readonly nodes: readonly number[];
  readonly #script: ChildProcess;

  private constructor(script: ChildProcess, output: string) {
    const told = (what: RegExp) => what.exec(output)?.[1] ?? "";
    this.#script = script;
    this.url = told(/running at (http:\S+)\//);
    this.setupLink = told(/first login (\S+)/);
    this.nodes = Array.from(output.matchAll(/process (\d+):/g), ([, process]) => Number(process));
  }

  static async start(): Promise<Cluster> {
    const env = { ...process.env, BATON_BIN: BINARY };
    const script = spawn(join(ROOT, "scripts/cluster.sh"), { env, stdio: ["ignore", "pipe", "inherit"] });
    let output = "";
    await new Promise<void>((resolve, reject) => {
      script.stdout.on("data", (data: Buffer) => {
        output += String(data);
        if (/^Ctrl-C/m.test(output)) resolve();
      });
      script.once("exit", (code) => reject(new Error(`the cluster ended with ${code}: ${output}`)));
    });
    return new Cluster(script, output);
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.#script.once("exit", resolve));
    this.#script.kill("SIGTERM");
    await ended;
  }
}

export type Complaints = { context: BrowserContext; list: string[] };

/** A person's own browser: cookies and storage of nobody else. Errors of its pages are collected. */
export async function person(browser: Browser, options: BrowserContextOptions = {}): Promise<Complaints> {
  const context = await browser.newContext({ locale: "en-GB", viewport: { width: 1280, height: 800 }, ...options });
  const list: string[] = [];
  context.on("weberror", (error) => list.push(String(error.error())));
  context.on("console", (message) => {
    // A lost connection is part of these tests; everything else that a page complains about is not.
    if (message.type() === "error" && !/WebSocket|net::ERR|Failed to load resource/.test(message.text()))
      list.push(message.text());
  });
  context.setDefaultTimeout(15_000);
  return { context, list };
}

/** A visitor on the demo site with the chat open: by a click, or because it was open before a reload. */
export async function openWidget(page: Page, server: Site): Promise<FrameLocator> {
  await page.goto(`${server.url}/demo/`);
  const launcher = page.getByRole("button", { name: "Open chat" });
  await launcher
    .or(page.getByRole("button", { name: "Close chat" }))
    .first()
    .waitFor();
  if (await launcher.isVisible()) await launcher.click();
  const chat = page.frameLocator("iframe");
  await chat.getByRole("textbox").waitFor();
  return chat;
}

export async function say(chat: FrameLocator | Page, text: string): Promise<void> {
  const box = chat.getByRole("textbox").first();
  await box.fill(text);
  await box.press("Enter");
}

/** The owner, signed up with the set-up link or signed in, with the inbox open. */
export async function openConsole(context: BrowserContext, server: Site): Promise<Page> {
  const page = await context.newPage();
  if (server.setupLink) {
    await page.goto(server.setupLink);
    server.setupLink = "";
    await page.getByLabel(/company|workspace/i).fill("Fernweh");
    await page
      .getByLabel(/your name|name/i)
      .last()
      .fill(OWNER.name);
    await page.getByLabel(/e-mail/i).fill(OWNER.email);
    await page
      .getByLabel(/password/i)
      .first()
      .fill(OWNER.password);
    await page.getByRole("button", { name: /set up|create|start/i }).click();
  } else {
    await page.goto(`${server.url}/login`);
    await page.getByLabel(/e-mail/i).fill(OWNER.email);
    await page.getByLabel(/password/i).fill(OWNER.password);
    await page.getByRole("button", { name: /sign in|log in/i }).click();
  }
  await page.waitForURL(/inbox|live-chats/);
  return page;
}
