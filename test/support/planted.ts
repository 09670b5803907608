/**
 * Secrets that tests plant wherever one may stand, and the search for them in all that a program leaves
 * behind: what it printed, what it answers, what it wrote.
 */
import { globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

/** Whatever looks like this was planted, as it is or in base64, and must not be shown anywhere. */
const PLANTED = /planted-secret-[\w-]+|cGxhbnRlZC1zZWNyZXQ[\w=]+/;

/** Credentials for URLs. With them every run in a scene is a test that no output shows them. */
export const CREDENTIALS = "ada:planted-secret-in-url";

/** A variable of the environment that is none of a program's business. */
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
