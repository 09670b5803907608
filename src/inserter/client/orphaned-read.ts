/** What Deno 2.5 says of reading an answer that was cut, and of one that nobody wants any more. */
const SENTENCES = /^(TypeError: error reading a body from connection|Interrupted: operation canceled)$/;

/**
 * Whether a rejection that nobody awaits is Deno's own. The HTTP client of Deno 2.5 reads answers with a
 * promise that is out of reach. Whoever reads such an answer is told by the time limit of the exchange.
 *
 * @param reason As `unhandledRejection` gives it. What is thrown in code, ours or a library's, has frames.
 */
export function isOrphanedRead(reason: unknown): boolean {
  return "Deno" in globalThis && reason instanceof Error && SENTENCES.test(reason.stack ?? "");
}
