import { once } from "node:events";
import { resolve } from "node:path";
import type { Invocation, Io } from "../cli/argv.ts";
import { startInserter } from "../inserter/reference/server.ts";
import { openSqliteStore } from "../inserter/reference/sqlite/store.ts";
import { openLog } from "../wiring/logging.ts";

/** `sync-agent inserter`: serves the reference inserter until a signal. Prints its URL. */
export async function inserter({ flags }: Invocation, io: Io): Promise<number> {
  const log = openLog(io, { level: flags.logLevel ?? "info", format: flags.logFormat ?? "auto" }, flags);
  const { host, port } = flags.listen;
  const db = flags.db === null || flags.db === ":memory:" ? ":memory:" : resolve(io.cwd, flags.db);
  const store = openSqliteStore(db, log);
  const serving = await startInserter({ store, host, port, allowedHosts: flags.allowedHosts, log });
  const { url, pageUrl } = serving;
  io.stdout(`${url}\n`);
  log.emit("info", "inserter.serving", `Serving ${url}, with a page at ${pageUrl}`, { url, pageUrl, db });
  if (!io.signal.aborted) await once(io.signal, "abort");
  await serving.close();
  log.emit("info", "inserter.ended", "Ended");
  log.flush();
  return 0;
}
