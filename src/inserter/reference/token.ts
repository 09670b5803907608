import { UsageError } from "../../errors.ts";
import { describeFileError, WatchedFile } from "../client/watched-file.ts";
import { StoreUnavailable } from "./store.ts";

/**
 * The token that writers have to show, from a file that is read again when it changes. What is read is
 * trimmed: editors add line ends.
 *
 * @returns What gives the token as it is now. It throws {@link StoreUnavailable} while the file cannot be
 *   used, so that nobody is let in, and nobody is turned away for good, while a secret is being exchanged.
 * @throws {UsageError} If the file cannot be used at the start.
 */
export function tokenFrom(path: string): () => string {
  const file = new WatchedFile(path);
  const first = problemOf(file);
  if (first !== null) throw new UsageError((words) => words.unusableTokenFile(path, first));
  return () => {
    const problem = problemOf(file);
    if (problem === null) return file.read().trim();
    throw new StoreUnavailable(
      `The token file ${path} cannot be used: ${problem}`,
      "Write the token into it.",
    );
  };
}

function problemOf(file: WatchedFile): string | null {
  try {
    const token = file.read().trim();
    if (token === "") return "it is empty";
    return /\s/.test(token) ? "it has more than one word" : null;
  } catch (error) {
    return describeFileError(error);
  }
}
