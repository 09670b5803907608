/** The port `Articles` of the core, with warnings for commands that show a file to people. */
import { createHash, randomUUID } from "node:crypto";
import type { ArticleSettings } from "../config/settings.ts";
import type { Articles } from "../sync/ports.ts";
import { zoneOf } from "./date.ts";
import { HOOK_TIME_MS, hooksOf } from "./hooks.ts";
import { hasLinkHooks } from "./links.ts";
import { type LintResult, lint } from "./lint.ts";
import { type ParseContext, parseArticle, parseInDetail } from "./parse.ts";
import { rulesOf } from "./rules.ts";
import { ThreadExecutor } from "./threads.ts";

export interface ArticlesOptions {
  readonly settings: ArticleSettings;
  readonly agentVersion: string;
  /** Stands for the code of hooks, which no fingerprint can see; random by default. */
  readonly fingerprintSalt?: string;
  /** Most worker threads; by default one a processor, at most four. */
  readonly threads?: number;
  /** Whether payloads are made, and digests; not for who only counts. True by default. */
  readonly areSealed?: boolean;
  /** Time a hook has for one article; 10 s by default. */
  readonly hookTimeMs?: number;
}

/** The port of the core, with what commands need besides. */
export interface ArticleRoom extends Articles {
  /**
   * Like `parse`, with warnings, attributes, payload and references besides.
   *
   * @param nowMs Decides only which dates are far ahead; milliseconds since the epoch.
   * @param patience Factor on the time allowed for rendering; what takes longer is held, its body not checked.
   */
  lint(path: string, bytes: Uint8Array, nowMs?: number, patience?: number): Promise<LintResult>;
  /** Ends the worker threads; what is being rendered is held. */
  close(): Promise<void>;
}

/**
 * Turns files into verdicts and payloads.
 *
 * @throws {RangeError} If the runtime does not know the time zone.
 */
export function createArticles(options: ArticlesOptions): ArticleRoom {
  const { settings, hookTimeMs = HOOK_TIME_MS } = options;
  const { attributes, schema, map, include, exclude, ...plain } = settings;
  const hooks = hooksOf(settings);
  const isPlain = !hasHooks(settings);
  // Functions cannot be sent to a thread, and there no file is parsed that needs them.
  const links = isPlain ? settings.links : { article: null, asset: null };
  const areSealed = options.areSealed ?? true;
  const executor = new ThreadExecutor({ ...plain, links, areSealed }, options.threads);
  const rules = rulesOf(settings);
  const context: ParseContext = {
    settings,
    areSealed,
    rules,
    hooks,
    zone: zoneOf(settings.timezone),
    executor,
    hookTimeMs,
  };
  return {
    fingerprint: fingerprintOf(options),
    async parse(path, _blob, content, patience) {
      // Hooks cannot be sent to a thread.
      const bytes = isPlain && patience <= 1 && content.kind === "bytes" ? content.bytes : null;
      return executor.parseFile(path, bytes, () => parseArticle(context, { path, content, patience }));
    },
    async lint(path, bytes, nowMs = Date.now(), patience = 1) {
      await executor.turn();
      const content = { kind: "bytes", bytes } as const;
      const parsed = await parseInDetail(context, { path, content, patience });
      return lint(path, parsed, bytes, { settings, rules, isTranslated: hooks.attributes !== null, nowMs });
    },
    close: () => executor.close(),
  };
}

function hasHooks(settings: ArticleSettings): boolean {
  return hasLinkHooks(settings.links) || Object.values(hooksOf(settings)).some((hook) => hook !== null);
}

/** Same fingerprint, same payloads. Functions cannot be compared, so each start has its own. */
function fingerprintOf({ settings, agentVersion, fingerprintSalt }: ArticlesOptions): string {
  const { attributes, schema, map, ...plain } = settings;
  const salt = hasHooks(settings) ? (fingerprintSalt ?? randomUUID()) : null;
  return createHash("sha256")
    .update(JSON.stringify([agentVersion, plain, salt]))
    .digest("hex");
}
