/** Which files on disk Git converts on the way to a commit. */
import { startGit } from "./git.ts";
import { findRepository } from "./repository.ts";

const NUL = "\0";
const SILENCE_MS_MAX = 30_000;
/** Attributes by which a file on disk differs from the blob that is committed. @see gitattributes(5) */
const CONVERTING = ["working-tree-encoding", "filter"];
const UNSET: ReadonlySet<string> = new Set(["unspecified", "unset", "set", ""]);

/**
 * The attribute that makes a file on disk differ from what is committed, like `working-tree-encoding=UTF-16`, by
 * path.
 */
export async function convertedIn(
  root: string,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (paths.length === 0) return new Map();
  const words = ["check-attr", "-z", "--stdin", ...CONVERTING];
  const fields = await fieldsOf(root, words, paths.map((path) => path + NUL).join(""));
  const converted = new Map<string, string>();
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const [path = "", name = "", value = ""] = fields.slice(at, at + 3);
    if (!UNSET.has(value)) converted.set(path, `${name}=${value}`);
  }
  return converted;
}

/** What git prints between NULs; nothing where it fails. */
async function fieldsOf(root: string, words: readonly string[], input: string): Promise<string[]> {
  const repository = await findRepository(root);
  if (repository.kind === "waiting") return [];
  const { gitDir } = repository;
  const limits = { silenceMsMax: SILENCE_MS_MAX };
  const run = startGit(gitDir, ["-C", root, `--work-tree=${root}`, ...words], limits);
  run.stdin.end(input);
  const chunks: Buffer[] = [];
  for await (const chunk of run.output()) chunks.push(Buffer.from(chunk));
  const { exitCode } = await run.ended;
  return exitCode === 0 ? Buffer.concat(chunks).toString("utf8").split(NUL).slice(0, -1) : [];
}
