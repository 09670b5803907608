/**
 * A program for every runtime: parses Markdown that hangs a parser, beside an ordinary article, and
 * prints what came of it as JSON: verdicts, the longest pause of the event loop, the processor time that is
 * still being spent once all is answered, and when it ended.
 */
import { createArticles } from "../../src/article/articles.ts";

const HEAD = "---\nid: a\ntitle: t\ndate: 2020-08-07\n---\n";
const bodies = [
  `# a${" ".repeat(500_000)}b\n`,
  `${"`".repeat(250_000)}${"x ".repeat(100_000)}\`\n`,
  "[a](b".repeat(100_000),
  `${"- ".repeat(100_000)}x`,
  `[a](b "${"\\!".repeat(1_000)}`,
  "# Ordinary\n",
];
const articles = createArticles({
  settings: {
    include: ["**/*.md"],
    exclude: [],
    maxSizeBytes: 1024 * 1024,
    markdown: "commonmark",
    math: false,
    containers: false,
    html: "safe",
    links: { article: null, asset: null },
    future: "publish",
    keys: { draft: null },
    timezone: "UTC",
    attributes: null,
    schema: null,
    map: null,
  },
  agentVersion: "0.0.0",
  threads: 2,
});
let longestPauseMs = 0;
let lastMs = performance.now();
const timer = setInterval(() => {
  longestPauseMs = Math.max(longestPauseMs, performance.now() - lastMs - 10);
  lastMs = performance.now();
}, 10);
const verdicts = await Promise.all(
  bodies.map(async (body) => {
    const bytes = new TextEncoder().encode(HEAD + body);
    return (await articles.parse("a.md", "", { kind: "bytes", bytes }, 0.25)).verdict.kind;
  }),
);
clearInterval(timer);
const before = process.cpuUsage();
await new Promise((resolve) => setTimeout(resolve, 500));
const { user, system } = process.cpuUsage(before);
// Left open on purpose: threads must not keep a program alive that has nothing more to do.
const endMs = Date.now();
process.stdout.write(JSON.stringify({ verdicts, longestPauseMs, idleCpuMs: (user + system) / 1000, endMs }));
