import type { Invocation, Io } from "../cli/argv.ts";
import { openSession } from "../wiring/session.ts";
import { explainPath } from "./explain/explanation.ts";
import { explanationText } from "./explain/text.ts";

/** `sync-agent explain PATH`: why this file is or is not published. */
export async function explain(invocation: Invocation, io: Io): Promise<number> {
  const session = await openSession(invocation, io, { logLevel: "error", secretsRequired: false });
  const { log, colour, lang, print } = session;
  const explanation = await explainPath(invocation.args[0] ?? "", io.cwd, session);
  print(explanation, () => explanationText(explanation, colour, lang));
  log.flush();
  return 0;
}
