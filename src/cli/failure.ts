import picocolors from "picocolors";
import { UsageError } from "../errors.ts";
import { languageFor } from "../messages/language.ts";
import { withoutCredentials } from "../messages/redact.ts";
import { visible } from "../messages/terminal.ts";
import { WORDS } from "../messages/words.ts";
import { createLog, wantsColour } from "../report/log.ts";
import { ObjectsGone, StateCorrupt } from "../sync/ports.ts";
import type { Io } from "./argv.ts";
import type { Flags } from "./options.ts";

/**
 * Writes why the program ends, to stderr: for people at a terminal in their language, with the hint below;
 * elsewhere as a log line in English, event `usage.error` or, with its stack, `bug`.
 *
 * @param flags Null where the command line was what is wrong.
 * @returns The exit code: 2 for what the user can fix, 1 for a bug.
 */
export function reportFailure(
  thrown: unknown,
  flags: Pick<Flags, "logFormat" | "lang"> | null,
  io: Pick<Io, "stderr" | "env" | "isTTY">,
): number {
  const format = flags?.logFormat ?? "auto";
  const isTTY = io.isTTY.stderr;
  const isPretty = format === "pretty" || (format === "auto" && isTTY);
  const colour = wantsColour(io.env, isTTY);
  const error = asUsage(thrown) ?? thrown;
  const isUsage = error instanceof UsageError;
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? (error.stack ?? "") : "";
  if (isPretty) {
    const { bold, dim, red } = picocolors.createColors(colour);
    const lang = languageFor("people", flags?.lang ?? null, io.env);
    const sentence = isUsage
      ? error.in(lang)
      : WORDS[lang].usage.bug(message, stack.split("\n").slice(1).join("\n"));
    const safe = (text: string): string[] => withoutCredentials(text).split("\n").map(visible);
    const [first = "", ...rest] = safe(sentence.message);
    const below = safe(sentence.hint).filter((line) => line !== "");
    io.stderr(
      `${[`${bold(red(WORDS[lang].usage.error))} ${first}`, ...rest, ...below.map(dim)].join("\n")}\n`,
    );
  } else {
    const write = { write: io.stderr, redact: withoutCredentials, nowMs: Date.now };
    const log = createLog({ level: "error", format: "json", isTTY, colour, ...write });
    if (isUsage) log.emit("error", "usage.error", message, error.hint === "" ? {} : { hint: error.hint });
    else log.emit("error", "bug", message, { stack });
  }
  return isUsage ? 2 : 1;
}

/**
 * A state or a repository that is damaged, or a permission that Deno refused, is the user's to fix. Null for
 * anything else.
 */
function asUsage(error: unknown): UsageError | null {
  if (error instanceof StateCorrupt) {
    const { path, message } = error;
    return new UsageError((words) => words.damagedState(path, message.replace(`${path}: `, "")), {
      cause: error,
    });
  }
  if (error instanceof ObjectsGone) {
    return new UsageError((words) => words.cannotReadArticles(error.message, error.hint), { cause: error });
  }
  if (!(error instanceof Error) || error.name !== "NotCapable") return null;
  const [what = "", advice = ""] = error.message.split(/, (?=run again with)/);
  const needed = what.replace(/^Requires /, "");
  return new UsageError((words) => words.notPermitted(needed, advice), { cause: error });
}
