import { once } from "node:events";
import { resolve } from "node:path";
import type { Invocation, Io } from "../cli/argv.ts";
import { isLoopback } from "../http/server.ts";
import { startInserter } from "../inserter/reference/server.ts";
import { openSqliteStore } from "../inserter/reference/sqlite/store.ts";
import { tokenFrom } from "../inserter/reference/token.ts";
import { openLog } from "../wiring/logging.ts";

/** `sync-agent inserter`: serves the reference inserter until a signal. Prints its URL. */
export async function inserter({ flags }: Invocation, io: Io): Promise<number> {
  const log = openLog(io, { level: flags.logLevel ?? "info", format: flags.logFormat ?? "auto" }, flags);
  const { host, port } = flags.listen;
  const token = flags.tokenFile === null ? {} : { token: tokenFrom(resolve(io.cwd, flags.tokenFile)) };
  const db = flags.db === null || flags.db === ":memory:" ? ":memory:" : resolve(io.cwd, flags.db);
  const store = openSqliteStore(db, log);
  const serving = await startInserter({ store, host, port, allowedHosts: flags.allowedHosts, log, ...token });
  const { url, pageUrl } = serving;
  io.stdout(`${url}\n`);
  log.emit("info", "inserter.serving", `Serving ${url}, with a page at ${pageUrl}`, { url, pageUrl, db });
  if (flags.tokenFile === null && !isLoopback(host)) {
    log.emit("warn", "inserter.open", `Everyone who can reach ${host} may write and delete articles here`, {
      hint: "Give --token-file FILE, and the same token to the agent as inserter.token.",
    });
  }
  if (!io.signal.aborted) await once(io.signal, "abort");
  await serving.close();
  log.emit("info", "inserter.ended", "Ended");
  log.flush();
  return 0;
}
