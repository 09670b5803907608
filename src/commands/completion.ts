import type { Invocation, Io } from "../cli/argv.ts";
import { completionScript, SHELLS } from "../cli/completion.ts";
import { UsageError } from "../errors.ts";
import { nearest } from "../messages/nearest.ts";

/** `sync-agent completion SHELL`: prints the script that completes commands and options there. */
export async function completion({ args: [name = ""] }: Invocation, io: Io): Promise<number> {
  const shell = SHELLS.find((known) => known === name);
  if (shell === undefined)
    throw new UsageError((words) => words.unknownShell(name, nearest(name, SHELLS), SHELLS));
  io.stdout(completionScript(shell));
  return 0;
}
