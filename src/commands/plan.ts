import { loadSettings } from "../config/load.ts";
import type { Settings } from "../config/settings.ts";
import { copyState } from "../state/open.ts";
import type { Brake } from "../sync/policy.ts";
import type { Counts, State } from "../sync/ports.ts";
import { assemble } from "./assemble.ts";
import type { Flags, Invocation, Io } from "./cli.ts";
import { openLog } from "./logging.ts";

/** Entries read in one go. */
const PAGE = 1_000;

/** One thing that `once` would do. */
interface Planned {
  readonly do: "upsert" | "delete" | "resend" | "held back";
  readonly id: string;
  readonly path: string | null;
  readonly cause: string;
}

/** `sync-agent plan`: a pass over a copy of the state, of which nothing is kept and nothing is sent. */
export async function plan({ flags }: Invocation, io: Io): Promise<number> {
  const settings = await loadSettings({ flags, cwd: io.cwd, env: io.env });
  const log = openLog(io, { ...settings.log, level: flags.logLevel ?? "error" }, flags);
  const state = copyState(settings.state);
  const assembly = await assemble(settings, state, log, io, { readOnly: true });
  try {
    const head = await assembly.source.head();
    if (head.kind === "waiting") return cannot(head.reason, head.hint, flags, io);
    const verified = await assembly.agent.verify(io.signal);
    const heldBack: Planned[] = [];
    const result = await assembly.agent.look(head, "start", {
      resend: verified.kind === "none" ? "all" : new Set(),
      superseded: () => io.signal.aborted,
      onDecision: ({ id, entry }, decision, braked) => {
        if (!braked || decision.kind !== "delete") return;
        heldBack.push({ do: "held back", id, path: entry?.path ?? null, cause: decision.cause });
      },
    });
    if (result.kind === "superseded") {
      return cannot("the repository moved meanwhile", "Try again.", flags, io);
    }
    // What the pass began in the copy, and what was owed before, is what once would send.
    const planned = [...owed(state), ...heldBack];
    planned.sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
    const counts = state.counts(assembly.agent.nowMs());
    const note = verified.kind === "unknown" ? `inserter not asked: ${verified.message}` : null;
    const report = {
      config: settings.file,
      revision: head.revision,
      note,
      planned,
      brake: result.brake,
      counts,
    };
    io.stdout(flags.json ? `${JSON.stringify(report)}\n` : first(settings) + pretty(report));
    const something = planned.some((one) => one.do !== "resend");
    return flags.exitCode && something ? 3 : flags.exitCode && counts.rejected + counts.held > 0 ? 1 : 0;
  } finally {
    await assembly.close();
    log.flush();
    state.close();
  }
}

function cannot(reason: string, hint: string, { json }: Flags, io: Io): number {
  const report = { revision: null, reason, hint };
  io.stdout(json ? `${JSON.stringify(report)}\n` : `Cannot plan: ${reason}. ${hint}\n`);
  return 1;
}

/** What is planned for what, where no configuration file tells; else nothing. */
function first({ file, repo, inserter }: Settings): string {
  return file === null ? `No configuration file: ${repo} → ${inserter.url}\n` : "";
}

function* owed(state: State): Iterable<Planned> {
  for (
    let page = state.pending(null, PAGE);
    page.length > 0;
    page = state.pending(page.at(-1)?.id ?? "", PAGE)
  ) {
    for (const { id, path, pending } of page) {
      if (pending === null) continue;
      const { kind, cause } = pending;
      yield { do: cause === "resend" ? "resend" : kind, id, path, cause };
    }
  }
}

const SIGNS: Readonly<Record<Planned["do"], string>> = {
  upsert: "+",
  delete: "-",
  resend: "=",
  "held back": "!",
};

function pretty(report: {
  revision: string;
  note: string | null;
  planned: readonly Planned[];
  brake: Brake | null;
  counts: Counts;
}): string {
  const { planned, brake, counts } = report;
  const lines = planned.map((one) => {
    const at = one.path === null ? "" : `  ${one.path}`;
    return `${SIGNS[one.do]} ${one.id}${at}  (${one.cause})`;
  });
  const total = (kind: Planned["do"]): number => planned.filter((one) => one.do === kind).length;
  if (brake !== null) lines.push(`Brake: ${brake.deletes} deletes of ${brake.owned} articles are held back.`);
  if (report.note !== null) lines.push(`Note: ${report.note}.`);
  lines.push(
    `At ${report.revision}: ${total("upsert")} to send, ${total("delete")} to delete, ${total("resend")} to send again unchanged, ${counts.rejected} rejected, ${counts.held} held.`,
  );
  return `${lines.join("\n")}\n`;
}
