/**
 * A program that follows a repository by hints alone, for tests on every runtime: one JSON line for each
 * revision that it sees, with what changed and the text of the first change. Ends when stdin does.
 */
import { watchRepository } from "../../src/source/watch.ts";
import { gather, listeningLog, MapTrees, openOn, shown } from "./source.ts";

const repo = process.argv[2] ?? "";
const trees = new MapTrees();
const source = openOn(repo, { trees });
let seen = "";
let looking = Promise.resolve();

function print(line: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function look(): Promise<void> {
  const head = await source.head();
  if (head.kind === "waiting") {
    if (seen !== head.reason) print({ waiting: head.reason });
    seen = head.reason;
    return;
  }
  if (head.revision === seen) return;
  const comparison = await source.compare(seen === "" ? null : seen, head);
  const changes = await gather(comparison);
  comparison.remember();
  seen = head.revision;
  const content = changes[0]?.blob ? await source.read(changes[0].blob) : null;
  const text = content?.kind === "bytes" ? new TextDecoder().decode(content.bytes) : null;
  print({ revision: seen, way: comparison.way, changes: shown(changes), text });
}

const watcher = watchRepository({
  repo,
  ref: "HEAD",
  log: listeningLog(),
  onHint: () => {
    looking = looking.then(look);
  },
});
await watcher.rearm();
looking = looking.then(look);
process.stdin.on("end", async () => {
  await watcher.close();
  await looking;
  await source.close();
});
process.stdin.resume();
