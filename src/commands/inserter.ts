import { once } from "node:events";
import { resolve } from "node:path";
import type { Invocation, Io } from "../cli/argv.ts";
import type { Flags } from "../cli/options.ts";
import type { StoreSettings } from "../config/settings.ts";
import { UsageError } from "../errors.ts";
import { isLoopback } from "../http/server.ts";
import { startInserter } from "../inserter/reference/server.ts";
import { tokenFrom } from "../inserter/reference/token.ts";
import { KnownSecrets, openLog } from "../wiring/logging.ts";
import { openStore } from "../wiring/store.ts";

/** `sync-agent inserter`: serves the reference inserter until a signal. Prints its URL. */
export async function inserter({ flags }: Invocation, io: Io): Promise<number> {
  const store = storeIn(flags, io.cwd);
  const secrets = new KnownSecrets();
  secrets.learnStore(store, io.env);
  const logging = { level: flags.logLevel ?? "info", format: flags.logFormat ?? "auto" } as const;
  const log = openLog(io, logging, flags, secrets.all);
  const { host, port } = flags.listen;
  const token = flags.tokenFile === null ? {} : { token: tokenFrom(resolve(io.cwd, flags.tokenFile)) };
  const db = flags.db === null || flags.db === ":memory:" ? ":memory:" : resolve(io.cwd, flags.db);
  const opened = openStore({ db, store }, log, io.env);
  const serving = await startInserter({
    store: opened,
    host,
    port,
    allowedHosts: flags.allowedHosts,
    log,
    ...token,
  });
  const { url, pageUrl } = serving;
  io.stdout(`${url}\n`);
  const where = store === null ? { db } : { store: store.urls, index: store.index };
  log.emit("info", "inserter.serving", `Serving ${url}, with a page at ${pageUrl}`, {
    url,
    pageUrl,
    ...where,
  });
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

/** @throws {UsageError} For options that contradict each other. */
function storeIn(flags: Flags, cwd: string): StoreSettings | null {
  const { store, index, db } = flags;
  const path = (given: string | null): string | null => (given === null ? null : resolve(cwd, given));
  const auth = path(flags.storeAuth);
  const tls = { ca: path(flags.storeCa), cert: path(flags.storeCert), key: path(flags.storeKey) };
  const mapping = path(flags.mapping);
  if (store === null) {
    const others = [auth, tls.ca, tls.cert, tls.key, mapping];
    if (others.some((other) => other !== null)) throw new UsageError((words) => words.storeMissing);
    return null;
  }
  if (db !== null) throw new UsageError((words) => words.twoStores);
  if ((tls.cert === null) !== (tls.key === null)) throw new UsageError((words) => words.storeKeyPair);
  if (auth !== null && store.basic !== null) throw new UsageError((words) => words.storeTwoAuths);
  return {
    ...store,
    index,
    auth: auth === null ? null : { file: auth },
    tls,
    timeoutMs: flags.storeTimeoutMs,
    mapping,
  };
}
