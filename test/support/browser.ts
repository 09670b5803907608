/** A browser for tests of pages, and the checks that every page must pass. */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { suite } from "uvu";
import * as assert from "uvu/assert";

const known = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Path of an installed Chromium: `CHROMIUM` or a usual place; null if there is none. */
export const chromiumPath: string | null =
  [process.env["CHROMIUM"] ?? "", ...known].find((path) => path !== "" && existsSync(path)) ?? null;

/** Whether to run tests of pages. Outside CI they are skipped without Chromium, and say so. */
export function hasBrowser(name: string): boolean {
  if (chromiumPath !== null || process.env["CI"] !== undefined) return true;
  const none = suite(name);
  none.skip("", () => {});
  process.stdout.write("No Chromium here: install one, or name it in CHROMIUM. The page is not tested.\n");
  none.run();
  return false;
}

/** Starts it without its sandbox, which containers do not allow, and without background requests. */
export function launch(): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath ?? "chromium",
    args: ["--no-sandbox", "--headless", "--disable-gpu", "--disable-background-networking"],
  });
}

/** An open page, and what it did that it should not do. */
export interface Opened {
  readonly page: Page;
  /** Addresses of other hosts that were requested. */
  readonly outside: readonly string[];
  /** Errors of scripts, and of the console. */
  readonly errors: string[];
  close(): Promise<void>;
}

/** Opens a page. @param url Requests to other origins are recorded and blocked. */
export async function open(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Opened> {
  const context = await browser.newContext({ locale: "en-GB", ...options });
  const page = await context.newPage();
  const outside: string[] = [];
  const errors: string[] = [];
  const { origin } = new URL(url);
  await context.route(
    (asked) => asked.origin !== origin && asked.protocol.startsWith("http"),
    (route) => {
      outside.push(route.request().url());
      return route.abort();
    },
  );
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  await page.goto(url);
  return { page, outside, errors, close: () => context.close() };
}

/**
 * Asserts that axe finds nothing wrong with a page as it is now, WCAG 2.2 AA and good practice.
 *
 * Frames are skipped: axe would have to run in them, and a frame of an article runs no scripts.
 */
export async function assertAccessible(page: Page): Promise<void> {
  const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
  // Through the debugger, because the page's policy allows no other script.
  await page.evaluate(axe);
  const found = await page.evaluate("axe.run(document, { iframes: false })");
  const { violations } = found as { violations: { id: string; nodes: { html: string }[] }[] };
  const breaches = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  assert.equal(breaches, []);
}

/** `SCREENSHOTS=folder` saves pictures of the pages, for a change of their design. */
export async function keep(page: Page, name: string): Promise<void> {
  const folder = process.env["SCREENSHOTS"];
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}
