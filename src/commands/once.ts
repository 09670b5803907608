import { loadSettings } from "../config/load.ts";
import { UsageError } from "../lib/usage-error.ts";
import type { SummingLog } from "../log/summing.ts";
import { openSource } from "../source/source.ts";
import { approveRevision, openState } from "../state/open.ts";
import { Once, type OnceResult } from "../sync/once.ts";
import { assemble } from "./assemble.ts";
import type { Invocation, Io } from "./cli.ts";
import { openLog } from "./logging.ts";
import { Progress } from "./progress.ts";

/** `sync-agent once`: one full reconcile, a summary, the end. */
export async function once({ flags, args }: Invocation, io: Io): Promise<number> {
  const settings = await loadSettings({ flags, cwd: io.cwd, env: io.env });
  const log = openLog(io, settings.log);
  const approved = flags.allowMassDelete ? await headOf(settings.repo, settings.ref, log) : null;
  if (approved !== null && approveRevision(settings.state, approved)) {
    io.stdout(`Left the running sync-agent the approval to delete for ${approved}.\n`);
    return 0;
  }
  const state = openState(settings.state, log);
  try {
    if (approved !== null) state.transaction(() => state.setMeta("approval", approved));
    const assembly = await assemble(settings, state, log, io);
    const progress = new Progress(io, assembly.state);
    try {
      const result = await new Once(assembly.agent, flags.waitMs, io.signal).run({
        full: flags.full && args.length === 0,
        resend: new Set(args),
        onProgress: (examined) => progress.examined(examined),
      });
      progress.end();
      io.stdout(flags.json ? `${JSON.stringify(result)}\n` : summary(result));
      return exitCode(result);
    } finally {
      progress.end();
      await assembly.close();
    }
  } finally {
    log.flush();
    state.close();
  }
}

/** The revision that an approval is for. @throws {UsageError} When there is none. */
async function headOf(repo: string, ref: string, log: SummingLog): Promise<string> {
  const selection = { selects: () => false, mayContain: () => false, maxSizeBytes: 0, trees: null };
  const source = openSource({ repo, ref, ...selection, log });
  try {
    const head = await source.head();
    if (head.kind === "revision") return head.revision;
    throw new UsageError(`Cannot approve a revision: ${head.reason}`, head.hint);
  } finally {
    await source.close();
  }
}

/** 1 when some article was rejected, refused, held, held back or could not be delivered. */
function exitCode({ reason, counts, brake }: OnceResult): number {
  const { pending, held, rejected, refused, undeletable } = counts;
  return reason === null && brake === null && pending + held + rejected + refused + undeletable === 0 ? 0 : 1;
}

function summary({ revision, reason, counts, begun, brake }: OnceResult): string {
  const lines: string[] = [];
  if (reason !== null) lines.push(`Not in step: ${reason}.`);
  if (revision !== null)
    lines.push(`At ${revision}: ${begun} sent or deleted, ${counts.published} published.`);
  const rest = (["pending", "scheduled", "withdrawn", "held", "rejected", "refused", "undeletable"] as const)
    .filter((kind) => counts[kind] > 0)
    .map((kind) => `${counts[kind]} ${kind}`);
  if (rest.length > 0) lines.push(`${rest.join(", ")}.`);
  if (brake !== null) {
    lines.push(
      `Brake: ${brake.deletes} of ${brake.owned} articles would have been deleted; none was.`,
      "If that is meant: sync-agent once --allow-mass-delete.",
    );
  }
  return `${lines.join("\n")}\n`;
}
