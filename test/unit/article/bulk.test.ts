import type { Worker } from "node:worker_threads";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ArticleRoom } from "../../../src/article/articles.ts";
import type { ParsedFile } from "../../../src/sync/model.ts";
import { article, articleRoom, bytesOf } from "../../support/article.ts";
import { waitFor } from "../../support/wait.ts";

const bulk = suite("many files at once");

/** What threads are asked, by kind. */
const asked = new Map<string, number>();
process.on("worker", (worker: Worker) => {
  const post = worker.postMessage.bind(worker);
  worker.postMessage = (tasks: readonly { readonly kind: string }[]) => {
    for (const { kind } of tasks) asked.set(kind, (asked.get(kind) ?? 0) + 1);
    post(tasks);
  };
});

/** Bodies of any length, and most of what can come of a file. */
const USUAL: readonly (string | Uint8Array)[] = [
  article(),
  article("", `# Long\n\n${"A *sentence* of [many](/words).\n\n".repeat(300)}`),
  article("", "# Japanese\n\n記事の本文です。😀\n"),
  article("tags: [1, 2.50, no]\nupdated: 2021-02-03"),
  article("draft: true"),
  article("titel: twice").replace("title:", "tittle:"),
  article("date: 2024-13-45").replace("date: 2020-08-07\n", ""),
  article("nested: [unclosed"),
  article("? complex\n: key\nupdated: 2021-02-03"),
  "No front matter at all.\n",
  "---\nid: lost\ntitle: No closing fence\n",
  new Uint8Array([0x2d, 0x2d, 0x2d, 0x0a, 0x69, 0x64, 0x3a, 0xff, 0x0a]),
];
/** What a thread does not take with others waiting behind it. */
const UNUSUAL: readonly string[] = [
  article("", `# a${" ".repeat(300)}b\n`),
  article("", "Longer than a thread takes.\n\n".repeat(3_000)),
  `---\nid: intro\n${"# comment\n".repeat(2_000)}title: Hello\ndate: 2020-08-07\n---\nBody.\n`,
];

function parseAll(room: ArticleRoom, files: readonly (string | Uint8Array)[]): Promise<ParsedFile[]> {
  return Promise.all(
    files.map((file, number) => {
      const content = { kind: "bytes", bytes: bytesOf(file) } as const;
      return room.parse(`posts/${number}.md`, "0".repeat(40), content, 1);
    }),
  );
}

function many<T>(files: readonly T[]): T[] {
  return Array.from({ length: 400 }, (_, number) => files[number % files.length] as T);
}

/** Until there is a thread the main one does it all. */
async function warmUp(room: ArticleRoom, kind: string): Promise<void> {
  asked.clear();
  const files = many(USUAL);
  await waitFor(async () => (await parseAll(room, files)).length > 0 && asked.has(kind), "a thread");
}

bulk("come out on threads as they do alone", async () => {
  const crowded = articleRoom({ timezone: "Asia/Tokyo" }, { threads: 1 });
  const lonely = articleRoom({ timezone: "Asia/Tokyo" });
  try {
    await warmUp(crowded, "file");
    asked.clear();
    const files = many(USUAL);
    const usual = await parseAll(crowded, files);
    assert.ok((asked.get("file") ?? 0) >= 100, `${asked.get("file")} on a thread`);
    const mixed = many([...USUAL, ...UNUSUAL]);
    for (const [bytes, together] of [
      [files, usual],
      [mixed, await parseAll(crowded, mixed)],
    ] as const) {
      for (const [number, file] of bytes.entries()) {
        const content = { kind: "bytes", bytes: bytesOf(file) } as const;
        const alone = await lonely.parse(`posts/${number}.md`, "0".repeat(40), content, 1);
        assert.equal(together[number], alone);
        const body = together[number]?.body;
        assert.is(body?.buffer.byteLength, body?.byteLength);
      }
    }
  } finally {
    await crowded.close();
    await lonely.close();
  }
});

bulk("stay on threads though never as many wait as it takes to start one", async () => {
  const room = articleRoom({}, { threads: 1 });
  try {
    await warmUp(room, "file");
    const slice = many(USUAL).slice(0, 64);
    // Longer than a backlog counts as the wave before the next.
    for (const endMs = performance.now() + 500; performance.now() < endMs; ) await parseAll(room, slice);
    asked.clear();
    await parseAll(room, slice);
    assert.ok((asked.get("file") ?? 0) >= 40, `${asked.get("file")} of ${slice.length} on a thread`);
  } finally {
    await room.close();
  }
});

bulk("stay with the main thread where hooks have a say", async () => {
  const room = articleRoom({ map: ({ payload }) => ({ ...payload, title: "Mapped" }) }, { threads: 1 });
  try {
    await warmUp(room, "render");
    assert.is(asked.get("file"), undefined);
  } finally {
    await room.close();
  }
});

bulk.run();
