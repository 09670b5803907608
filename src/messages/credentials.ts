/** What stands in a text where a secret was struck out. */
export const struckOut = "[redacted]";

/** The text with `user:password@` struck out of every URL in it. */
export function withoutCredentials(text: string): string {
  return text.replace(/(\/\/)[^/?#\s]*@/g, `$1${struckOut}@`);
}
