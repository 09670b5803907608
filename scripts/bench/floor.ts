/**
 * The floors of the measurements: the least that any agent has to do.
 *
 *     floor.ts flip LINK URL        watches a link's folder, and posts a constant when the link was flipped
 *     floor.ts post URL COUNT       posts a constant COUNT times, eight at a time, over kept connections
 *     floor.ts render COUNT BYTES   front matter, HTML and a digest of COUNT articles, in a loop on one core
 *
 * Sends its parent "ready", or the wall and CPU time it took, milliseconds.
 */
import { createHash } from "node:crypto";
import { readlinkSync, watch } from "node:fs";
import { Agent, request } from "node:http";
import { basename, dirname } from "node:path";

const LANES = 8;

const body = Buffer.alloc(10_000, "x");
const agent = new Agent({ keepAlive: true, maxSockets: LANES });

function post(url: string): Promise<void> {
  return new Promise((done, fail) => {
    const headers = { "content-length": body.length };
    const sending = request(url, { method: "POST", agent, headers }, (response) => {
      response.resume().once("end", done);
    });
    sending.once("error", fail);
    sending.end(body);
  });
}

function postAtFlips(link: string, url: string): void {
  let published = readlinkSync(link);
  watch(dirname(link), (_event, name) => {
    if (name !== basename(link)) return;
    const target = readlinkSync(link);
    if (target === published) return;
    published = target;
    void post(url);
  });
  process.send?.("ready");
}

async function postMany(url: string, count: number): Promise<void> {
  let left = count;
  const lane = async (): Promise<void> => {
    while (left-- > 0) await post(url);
  };
  await timed(() => Promise.all(Array.from({ length: LANES }, lane)));
  agent.destroy();
}

async function renderMany(count: number, sizeBytes: number): Promise<void> {
  const { HtmlRenderer, Parser } = await import("commonmark");
  const frontMatter = (await import("front-matter")).default;
  const { article } = await import("./article.ts");
  const parser = new Parser();
  const renderer = new HtmlRenderer({ safe: true });
  const read = frontMatter as unknown as (text: string) => { attributes: object; body: string };
  const texts = Array.from({ length: count }, (_, number) => article(number, 0, sizeBytes));
  await timed(() => {
    for (const text of texts) {
      const { attributes, body } = read(text);
      const payload = JSON.stringify({ ...attributes, body, html: renderer.render(parser.parse(body)) });
      createHash("sha256").update(payload).digest("hex");
    }
  });
}

async function timed(work: () => unknown): Promise<void> {
  const startMs = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  process.send?.([performance.now() - startMs, (user + system) / 1_000]);
  process.disconnect?.();
}

const [, , floor, first = "", second = ""] = process.argv;
if (floor === "flip") postAtFlips(first, second);
else if (floor === "post") await postMany(first, Number(second));
else await renderMany(Number(first), Number(second));
