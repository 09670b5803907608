/** The sanitizer, loaded when a body first has HTML in it: most never do. */
import { strict as assert } from "node:assert";
import type { Budget } from "./renderer.ts";

type Sanitize = (html: string, targets: boolean, budget: Budget) => string;

let sanitize: Sanitize | null = null;

/** Loads the sanitizer if this body may need it. */
export async function prepareFor(markdown: string): Promise<void> {
  if (sanitize === null && /<[a-z/!?]/i.test(markdown)) ({ sanitize } = await import("./sanitize.ts"));
}

/**
 * HTML without what is not allowed.
 *
 * @param targets Whether relative links and sources are to be marked.
 * @throws {OutOfTime | TooComplex | TooLarge}
 */
export function sanitized(html: string, targets: boolean, budget: Budget): string {
  assert(sanitize !== null, "the sanitizer has not been loaded");
  return sanitize(html, targets, budget);
}
