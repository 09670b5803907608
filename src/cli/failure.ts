import picocolors from "picocolors";
import { UsageError } from "../errors.ts";
import { withoutCredentials } from "../messages/redact.ts";
import { visible } from "../messages/terminal.ts";
import { createLog, wantsColour } from "../report/log.ts";
import type { Flags, Io } from "./argv.ts";

/**
 * Writes why the program ends, to stderr: for people at a terminal with its hint below it, elsewhere as
 * a log line, event `usage.error` or, with its stack, `bug`.
 *
 * @param flags Null where the command line was what is wrong.
 * @returns The exit code: 2 for what the person at the keyboard can mend, 1 for a bug.
 */
export function reportFailure(
  thrown: unknown,
  flags: Pick<Flags, "logFormat"> | null,
  io: Pick<Io, "stderr" | "env" | "isTTY">,
): number {
  const format = flags?.logFormat ?? "auto";
  const isTTY = io.isTTY.stderr;
  const pretty = format === "pretty" || (format === "auto" && isTTY);
  const colour = wantsColour(io.env, isTTY);
  const error = asDenial(thrown) ?? thrown;
  const isUsage = error instanceof UsageError;
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  if (pretty) {
    const { bold, dim, red } = picocolors.createColors(colour);
    const safe = (text: string): string[] => withoutCredentials(text).split("\n").map(visible);
    const [first = "", ...rest] = safe(isUsage ? message : `This is a bug in sync-agent: ${message}`);
    const below = isUsage ? safe(error.hint) : safe(stack.split("\n").slice(1).join("\n"));
    const lines = [
      `${bold(red("error"))} ${first}`,
      ...rest,
      ...below.filter((line) => line !== "").map((line) => dim(line)),
    ];
    io.stderr(`${lines.join("\n")}\n`);
  } else {
    const log = createLog({
      level: "error",
      format: "json",
      isTTY,
      colour,
      write: io.stderr,
      redact: withoutCredentials,
      nowMs: Date.now,
    });
    if (isUsage) log.emit("error", "usage.error", message, error.hint === "" ? {} : { hint: error.hint });
    else log.emit("error", "bug", message, { stack });
  }
  return isUsage ? 2 : 1;
}

/** What Deno refused for want of a permission: whoever gave the flags can mend it. Null for anything else. */
function asDenial(error: unknown): UsageError | null {
  if (!(error instanceof Error) || error.name !== "NotCapable") return null;
  const [what = "", advice = ""] = error.message.split(/, (?=run again with)/);
  const needed = what.replace(/^Requires /, "");
  return new UsageError(`Deno does not permit what this needs: ${needed}`, advice, { cause: error });
}
