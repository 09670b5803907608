/**
 * Serves the reference inserter in a process of its own, for tests of runtimes:
 *
 *     RUNTIME test/support/serve-reference.ts DATABASE
 *
 * The first line printed is its URL; it ends when its standard input does.
 */
import { startInserter } from "../../src/inserter/reference/server.ts";
import { openSqliteStore } from "../../src/inserter/reference/sqlite/store.ts";

const log = {
  emit: (level: string, event: string, message: string) => print(`${level} ${event} ${message}`),
};
const print = (line: string): boolean => process.stdout.write(`${line}\n`);

const inserter = await startInserter({
  store: openSqliteStore(process.argv[2] ?? ":memory:", log),
  host: "127.0.0.1",
  port: 0,
  log,
});
print(inserter.url);
for await (const _ of process.stdin);
await inserter.close();
print("closed");
