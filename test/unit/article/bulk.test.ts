import type { Worker } from "node:worker_threads";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { ArticleRoom } from "../../../src/article/articles.ts";
import type { Examined } from "../../../src/sync/model.ts";
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

/** All that can come of a file, and bodies of any length. */
const FILES: readonly (string | Uint8Array)[] = [
  article(),
  article("", `# Long\n\n${"A *sentence* of [many](/words).\n\n".repeat(300)}`),
  article("", "# Japanese\n\n記事の本文です。😀\n"),
  article("tags: [1, 2.50, no]\nupdated: 2021-02-03"),
  article("draft: true"),
  article("titel: twice").replace("title:", "tittle:"),
  article("date: 2024-13-45").replace("date: 2020-08-07\n", ""),
  article("nested: [unclosed"),
  article("? complex\n: key\nupdated: 2021-02-03"),
  article("", `# a${" ".repeat(300)}b\n`),
  article("", "Longer than a thread takes.\n\n".repeat(3_000)),
  `---\nid: intro\n${"# comment\n".repeat(2_000)}title: Hello\ndate: 2020-08-07\n---\nBody.\n`,
  "No front matter at all.\n",
  "---\nid: lost\ntitle: No closing fence\n",
  new Uint8Array([0x2d, 0x2d, 0x2d, 0x0a, 0x69, 0x64, 0x3a, 0xff, 0x0a]),
];

function examine(room: ArticleRoom, number: number): Promise<Examined> {
  const bytes = bytesOf(FILES[number % FILES.length] ?? "");
  return room.examine(`posts/${number}.md`, "0".repeat(40), { kind: "bytes", bytes }, 1);
}

bulk("come out on threads as they do alone", async () => {
  const crowded = articleRoom({ timezone: "Asia/Tokyo" }, { threads: 1 });
  const lonely = articleRoom({ timezone: "Asia/Tokyo" });
  try {
    asked.clear();
    const numbers = Array.from({ length: FILES.length * 8 }, (_, number) => number);
    const all = (): Promise<Examined[]> => Promise.all(numbers.map((number) => examine(crowded, number)));
    // Until there is a thread the main one does it all.
    await waitFor(async () => (await all()).length > 0 && (asked.get("article") ?? 0) > 0, "a thread");
    const before = asked.get("article") ?? 0;
    const together = await all();
    assert.ok((asked.get("article") ?? 0) >= before + numbers.length / 2);
    for (const number of numbers) assert.equal(together[number], await examine(lonely, number));
    for (const { body } of together) assert.is(body?.buffer.byteLength, body?.byteLength);
  } finally {
    await crowded.close();
    await lonely.close();
  }
});

bulk("stay with the main thread where hooks have a say", async () => {
  const room = articleRoom({ map: ({ payload }) => ({ ...payload, title: "Mapped" }) }, { threads: 1 });
  try {
    asked.clear();
    const all = (): Promise<Examined[]> =>
      Promise.all(Array.from({ length: 200 }, (_, number) => examine(room, number)));
    await waitFor(async () => (await all()).length > 0 && (asked.get("render") ?? 0) > 0, "a thread");
    assert.is(asked.get("article"), undefined);
  } finally {
    await room.close();
  }
});

bulk.run();
