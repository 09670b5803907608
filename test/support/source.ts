/** Shared by the tests of the source: remembered trees, a log, and collected pages. */
import { type GitSource, openSource, type SourceOptions } from "../../src/source/source.ts";
import type { Change } from "../../src/sync/model.ts";
import type { Comparison, Log, LogLevel, RevisionHead, TreeMemory } from "../../src/sync/ports.ts";

/** Trees remembered in a map, with every call counted by name. */
export class MapTrees implements TreeMemory {
  readonly kept = new Map<string, { readonly tree: string; readonly bytes: Uint8Array }>();
  readonly calls: string[] = [];
  revision: string | null = null;

  at(): string | null {
    return this.revision;
  }

  get(dir: string): { readonly tree: string; readonly bytes: Uint8Array } | null {
    this.calls.push(`get ${dir}`);
    return this.kept.get(dir) ?? null;
  }

  begin(): void {
    this.calls.push("begin");
    this.revision = null;
  }

  put(dir: string, tree: string, bytes: Uint8Array): void {
    this.calls.push(`put ${dir}`);
    this.kept.set(dir, { tree, bytes: Uint8Array.from(bytes) });
  }

  drop(dirPrefix: string): void {
    this.calls.push(`drop ${dirPrefix}`);
    for (const dir of [...this.kept.keys()]) if (dir.startsWith(dirPrefix)) this.kept.delete(dir);
  }

  commit(revision: string): void {
    this.calls.push("commit");
    this.revision = revision;
  }
}

export interface Line {
  readonly level: LogLevel;
  readonly event: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A log that keeps its lines. */
export function listeningLog(): Log & { readonly lines: Line[] } {
  const lines: Line[] = [];
  return {
    lines,
    emit: (level, event, message, fields = {}) => void lines.push({ level, event, message, fields }),
  };
}

/** A source that selects `.md` files, opened on a path. */
export function openOn(repo: string, options: Partial<SourceOptions> = {}): GitSource {
  return openSource({
    repo,
    ref: "HEAD",
    selects: (path) => path.endsWith(".md"),
    mayContain: () => true,
    maxSizeBytes: 1_048_576,
    trees: null,
    log: listeningLog(),
    ...options,
  });
}

/** The head, which must be a revision. */
export async function headOf(source: GitSource): Promise<RevisionHead> {
  const head = await source.head();
  if (head.kind !== "revision") throw new Error(`waiting: ${head.reason}`);
  return head;
}

/** Why there is no head; fails when there is one. */
export async function waitingOf(source: GitSource): Promise<{ reason: string; hint: string }> {
  const head = await source.head();
  if (head.kind !== "waiting") throw new Error(`not waiting, but at ${head.revision}`);
  return { reason: head.reason, hint: head.hint };
}

/** All changes of a comparison. */
export async function gather(comparison: Comparison | Promise<Comparison>): Promise<Change[]> {
  const changes: Change[] = [];
  for await (const page of (await comparison).pages) changes.push(...page);
  return changes;
}

/** Changes as `path`, `-path` (gone), `path@` (symlink) or `path*` (submodule): short to compare. */
export function shown(changes: readonly Change[]): string[] {
  const marks = { file: "", symlink: "@", submodule: "*" };
  return changes.map(({ path, blob, mode }) => (blob === null ? "-" : "") + path + marks[mode]);
}
