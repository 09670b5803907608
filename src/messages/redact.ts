import { struckOut, withoutCredentials } from "./credentials.ts";

/** Strikes secrets out of a text that is about to be shown, logged or stored. */
export type Redact = (text: string) => string;

/** Shorter ones would strike out half of every sentence, and their holes would tell them. */
const secretLengthMin = 4;

/**
 * Makes a {@link Redact}: replaces known secrets, as they are and percent-encoded, and credentials in URLs.
 *
 * @param secrets Asked at each text, since a token file may change while the program runs. Secrets of
 *   fewer than four characters are not looked for.
 */
export function createRedactor(secrets: () => Iterable<string>): Redact {
  return (text) => {
    let shown = withoutCredentials(text);
    for (const secret of longestFirst(secrets())) {
      for (const form of new Set([secret, encodeURIComponent(secret.toWellFormed())])) {
        shown = shown.replaceAll(form, struckOut);
      }
    }
    return shown;
  };
}

/** A secret that contains another must go first, or its rest would stay. */
function longestFirst(secrets: Iterable<string>): string[] {
  return [...secrets]
    .map((secret) => secret.trim())
    .filter((secret) => secret.length >= secretLengthMin)
    .sort((a, b) => b.length - a.length);
}
