/** This room's door: the port `Articles` of the core, and a closer look for commands that show it to people. */
import { createHash, randomUUID } from "node:crypto";
import type { ArticleSettings } from "../config/settings.ts";
import type { Problem, Verdict } from "../sync/model.ts";
import type { Articles } from "../sync/ports.ts";
import { zoneOf } from "./date.ts";
import { HOOK_TIME_MS, type Hooks, hooksOf } from "./hooks.ts";
import { type Reference, referencesOf } from "./references.ts";
import { type Findings, study, type Workshop } from "./study.ts";
import { ThreadExecutor } from "./threads.ts";
import { warningsOf } from "./warnings.ts";

/** Everything that could be found out about one file. */
export interface LintResult {
  readonly verdict: Verdict;
  /** Errors and warnings, in the order of the file. */
  readonly problems: readonly Problem[];
  /** Front matter as validated; null where it did not come to that. */
  readonly attributes: Readonly<Record<string, unknown>> | null;
  /** What would be sent; null unless it is an article. */
  readonly payload: Readonly<Record<string, unknown>> | null;
  /** The file as text, for excerpts; null where it could not be decoded. */
  readonly source: string | null;
  /** Cover, images and links that lead to other files of the repository. */
  readonly references: readonly Reference[];
}

export interface ArticlesOptions {
  readonly settings: ArticleSettings;
  readonly agentVersion: string;
  /** Stands for the code of hooks, which no fingerprint can see; random by default. */
  readonly fingerprintSalt?: string;
  /** Most render threads; by default one a processor, at most four. */
  readonly threads?: number;
  /** Time a hook has for one article; 10 s by default. */
  readonly hookTimeMs?: number;
}

/** The port of the core, with what commands need besides. */
export interface ArticleRoom extends Articles {
  /**
   * Like `parse`, with warnings and all that was learned on the way.
   *
   * @param nowMs Only judges dates far ahead.
   * @param patience Factor on the time allowed for rendering; what takes longer is held, its body not looked at.
   */
  lint(path: string, bytes: Uint8Array, nowMs?: number, patience?: number): Promise<LintResult>;
  /** Ends the render threads; what is being rendered is held. */
  close(): Promise<void>;
}

/**
 * Turns files into verdicts and payloads.
 *
 * @throws {RangeError} If the runtime does not know the time zone.
 */
export function createArticles(options: ArticlesOptions): ArticleRoom {
  const { settings, hookTimeMs = HOOK_TIME_MS } = options;
  const { html, future, timezone, maxSizeBytes } = settings;
  const executor = new ThreadExecutor({
    threads: options.threads,
    settings: { html, future, timezone, maxSizeBytes },
  });
  const hooks = hooksOf(settings);
  const isPlain = !hasHooks(hooks);
  const workshop: Workshop = { settings, hooks, zone: zoneOf(timezone), renderer: executor, hookTimeMs };
  return {
    fingerprint: fingerprintOf(options),
    async parse(path, _blob, content, patience) {
      // Hooks cannot be sent to a thread.
      const bytes = isPlain && patience === 1 && content.kind === "bytes" ? content.bytes : null;
      return executor.parseFile(path, bytes, async () => {
        const { verdict, body } = await study(workshop, { path, content, patience, isDetailed: false });
        return { verdict, body };
      });
    },
    async lint(path, bytes, nowMs = Date.now(), patience = 1) {
      await executor.turn();
      const content = { kind: "bytes", bytes } as const;
      const findings = await study(workshop, { path, content, patience, isDetailed: true });
      return inspectionOf(path, findings, bytes, hooks.attributes !== null, nowMs);
    },
    close: () => executor.close(),
  };
}

async function inspectionOf(
  path: string,
  findings: Findings,
  bytes: Uint8Array,
  isTranslated: boolean,
  nowMs: number,
): Promise<LintResult> {
  const { verdict, attributes, payload, source } = findings;
  const errors = verdict.kind === "rejected" ? verdict.problems : [];
  const problems = [...errors, ...(await warningsOf(findings, bytes, isTranslated, nowMs))];
  problems.sort((a, b) => a.line - b.line || a.column - b.column);
  const references = await referencesOf(path, findings);
  return { verdict, problems, attributes, payload, source, references };
}

function hasHooks(hooks: Hooks): boolean {
  return Object.values(hooks).some((hook) => hook !== null);
}

/** Same fingerprint, same payloads. Functions cannot be compared, so each start has its own. */
function fingerprintOf({ settings, agentVersion, fingerprintSalt }: ArticlesOptions): string {
  const { attributes, schema, map, ...plain } = settings;
  const salt = hasHooks(hooksOf(settings)) ? (fingerprintSalt ?? randomUUID()) : null;
  return createHash("sha256")
    .update(JSON.stringify([agentVersion, plain, salt]))
    .digest("hex");
}
