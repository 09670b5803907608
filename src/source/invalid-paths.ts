import type { Log, Revision } from "../sync/ports.ts";

/** How many are named in the message. */
const SHOWN_MAX = 5;

/** Paths of one pass that no article can have. */
export interface InvalidPaths {
  /** @param path With U+FFFD for what cannot be read. */
  add(path: string): void;
  /** Logs them all at once, if there are any. */
  report(log: Log, revision: Revision): void;
}

/** Collects paths that are not UTF-8, for one message a pass. */
export function invalidPaths(): InvalidPaths {
  const shown: string[] = [];
  let count = 0;
  return {
    add: (path) => {
      count += 1;
      if (shown.length < SHOWN_MAX) shown.push(path);
    },
    report: (log, revision) => {
      if (count === 0) return;
      const what = count === 1 ? "1 path that is" : `${count} paths that are`;
      log.emit("warn", "path.invalid", `Skipped ${what} not valid UTF-8: rename to publish`, {
        revision,
        count,
        paths: shown,
      });
    },
  };
}
