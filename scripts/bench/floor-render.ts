/** What no agent can do without: front matter, HTML and a digest, in a loop on one core. */
import { createHash } from "node:crypto";
import { HtmlRenderer, Parser } from "commonmark";
import frontMatter from "front-matter";
import { article } from "./article.ts";

const [, , count = "0", bytes = "0"] = process.argv;
const parser = new Parser();
const renderer = new HtmlRenderer({ safe: true });
const read = frontMatter as unknown as (text: string) => { attributes: object; body: string };

const texts = Array.from({ length: Number(count) }, (_, number) => article(number, 0, Number(bytes)));
const startMs = performance.now();
const before = process.cpuUsage();
let length = 0;
for (const text of texts) {
  const { attributes, body } = read(text);
  const html = renderer.render(parser.parse(body));
  const payload = JSON.stringify({ ...attributes, body, html });
  length += createHash("sha256").update(payload).digest("hex").length;
}
const { user, system } = process.cpuUsage(before);
if (length === 0) throw new Error("nothing was made");
process.send?.([performance.now() - startMs, (user + system) / 1_000]);
process.disconnect?.();
