/**
 * Secrets that tests put everywhere a secret may be, and the search for them in all output of a program:
 * what it printed, answered and wrote.
 */
import { globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Matches planted secrets, plain or in base64; no output may contain one. */
const PLANTED = /planted-secret-[\w-]+|cGxhbnRlZC1zZWNyZXQ[\w=]+/;

/** Credentials for URLs. So every run in a scene also tests that no output shows them. */
export const CREDENTIALS = "ada:planted-secret-in-url";

/** An environment variable that the program must not read. */
export const PLANTED_ENVIRONMENT = { UNRELATED_PASSWORD: "planted-secret-in-environment" };

/** @throws {Error} If a planted secret is in the text. */
export function searchText(text: string, where: string): void {
  const [leak] = PLANTED.exec(text) ?? [];
  if (leak !== undefined) throw new Error(`The secret ${leak} is in ${where}`);
}

/** Looks through every page and answer of a status listener. @param url Ends with a slash. */
export async function searchStatus(url: string): Promise<void> {
  for (const path of ["", "?lang=ja", "status", "metrics", "healthz", "readyz"]) {
    const answer = await fetch(`${url}${path}`);
    searchText(`${JSON.stringify([...answer.headers])}\n${await answer.text()}`, `${url}${path}`);
  }
}

/** Looks through every file below a folder. */
export function searchFiles(dir: string): void {
  for (const path of globSync("**", { cwd: dir })) {
    if (!statSync(join(dir, path), { throwIfNoEntry: false })?.isFile()) continue;
    searchText(readFileSync(join(dir, path), "latin1"), join(dir, path));
  }
}
