/** Keeps secrets out of every text that is shown, logged or stored. */

/** What stands in a text where a secret was. */
export const redacted = "[redacted]";

/** Shorter secrets occur in ordinary words: to strike them out would show what they are. */
const secretLengthMin = 4;

/** Removes secrets from a text. */
export type Redact = (text: string) => string;

/** The text with `user:password@` struck out of every URL in it. */
export function withoutCredentials(text: string): string {
  return text.replace(/(\/\/)[^/?#\s]*@/g, `$1${redacted}@`);
}

/**
 * Makes a {@link Redact}: replaces known secrets, as they are and percent-encoded, and credentials in URLs.
 *
 * @param secrets Read at each text, since a token file may change while the program runs. Secrets of
 *   fewer than four characters are not looked for.
 */
export function createRedactor(secrets: () => Iterable<string>): Redact {
  return (text) => {
    let shown = withoutCredentials(text);
    for (const secret of longestFirst(secrets())) {
      for (const form of new Set([secret, encodeURIComponent(secret.toWellFormed())])) {
        shown = shown.replaceAll(form, redacted);
      }
    }
    return shown;
  };
}

/** A secret that contains another one goes first, or its rest would stay. */
function longestFirst(secrets: Iterable<string>): string[] {
  return [...secrets]
    .map((secret) => secret.trim())
    .filter((secret) => secret.length >= secretLengthMin)
    .sort((a, b) => b.length - a.length);
}
