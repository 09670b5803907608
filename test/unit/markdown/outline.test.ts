import { suite } from "uvu";
import * as assert from "uvu/assert";
import { commonmark } from "../../../src/markdown/commonmark.ts";
import { rendererOf } from "../../../src/markdown/flavour.ts";
import { GROWTH_MAX, type Outline } from "../../../src/markdown/renderer.ts";

const outlines = suite("outline");

function outlineOf(markdown: string): Outline {
  const { outline } = commonmark.render(markdown, { html: false, outline: true }, 60_000);
  if (outline === null) throw new Error("No outline");
  return outline();
}

outlines("has the plain text, block by block", () => {
  const { text } = outlineOf(
    "# A *b*\n\nOne\ntwo  \nthree `x` &amp; <b>raw</b>\n\n- item\n- [link](x)\n\n> quoted\n\n```js\ncode();\n```\n\n    more\n\n<p>html</p>\n\n---\n",
  );
  assert.is(text, "A b\n\nOne\ntwo\nthree x & raw\n\nitem\n\nlink\n\nquoted\n\ncode();\n\nmore");
});

outlines("has headings with slugs that are unique", () => {
  const { headings } = outlineOf(
    "# Hello, World!\n\n## 日本語 の見出し\n\nHello World\n---\n\n# hello-world-1\n\n###### ???\n\n# !\n",
  );
  assert.equal(headings, [
    { level: 1, text: "Hello, World!", slug: "hello-world" },
    { level: 2, text: "日本語 の見出し", slug: "日本語-の見出し" },
    { level: 2, text: "Hello World", slug: "hello-world-1" },
    { level: 1, text: "hello-world-1", slug: "hello-world-1-1" },
    { level: 6, text: "???", slug: "section" },
    { level: 1, text: "!", slug: "section-1" },
  ]);
});

outlines("has links and images with the line of their block", () => {
  const { links, images } = outlineOf(
    "[a *b*](x.md 'title') <https://example.org>\n\n- ![alt [in](z.md)](i.png)\n- [![x](j.png) y][r]\n\n[r]: k.md\n",
  );
  assert.equal(links, [
    { href: "x.md", text: "a b", line: 1 },
    { href: "https://example.org", text: "https://example.org", line: 1 },
    { href: "z.md", text: "in", line: 3 },
    { href: "k.md", text: "x y", line: 4 },
  ]);
  assert.equal(images, [
    { src: "i.png", alt: "alt in", line: 3 },
    { src: "j.png", alt: "x", line: 4 },
  ]);
});

outlines("is empty for an empty body", () => {
  assert.equal(outlineOf(""), { text: "", headings: [], links: [], images: [] });
});

/** An outline in characters, as memory holds it. */
const lengthOf = ({ text, headings, links, images }: Outline): number =>
  [text, ...headings.map((one) => one.text + one.slug), ...links.map((one) => one.href + one.text)]
    .concat(images.map(({ src, alt }) => src + alt))
    .reduce((sum, part) => sum + part.length, 0);

outlines("grows no longer than so many times the Markdown, whatever is in what", async () => {
  const gfm = await rendererOf({ markdown: "gfm", math: false, containers: false }, "");
  const length = 200_000;
  const bodies = {
    "images in images": (n: number) => `${"![".repeat(n)}${"x".repeat(length - 6 * n)}${"](y)".repeat(n)}`,
    "links by reference": (n: number) => `[a]: /${"u".repeat(length - 4 * n)}\n\n${"[a] ".repeat(n)}`,
    "images by reference": (n: number) => `[a]: /${"u".repeat(length - 5 * n)}\n\n${"![a] ".repeat(n)}`,
    headings: (n: number) => `${"# aaaa\n".repeat(n)}`,
    code: (n: number) => "```\nx\n```\n".repeat(n),
  };
  for (const renderer of [commonmark, gfm]) {
    for (const [name, bodyOf] of Object.entries(bodies)) {
      for (const count of [10, 100, 5_000]) {
        const body = bodyOf(count);
        const most = body.length * GROWTH_MAX + 70_000;
        try {
          const { outline } = renderer.render(body, { html: false, outline: true }, 60_000);
          assert.ok(outline !== null && lengthOf(outline()) < most, `${count} ${name}`);
        } catch (error) {
          assert.is((error as Error).name, "TooLarge", String(error));
          assert.ok(count > 10, `${count} ${name} are refused`);
        }
      }
    }
  }
});

outlines.run();
