import type { Lang } from "./messages/language.ts";
import type { Sentence } from "./messages/problems.ts";
import { type UsageWords, WORDS } from "./messages/words.ts";

/**
 * Something that the user can fix: a wrong flag, a wrong configuration, a directory that cannot be written.
 * Ends the program with exit code 2, without a stack trace. Its message and hint are English.
 */
export class UsageError extends Error {
  override readonly name = "UsageError";
  /** What to do about it; may have several lines. Empty where the message says it all. */
  readonly hint: string;
  readonly #sentence: (words: UsageWords) => Sentence;

  /** @param sentence Picks what is wrong, and where, from the catalogue of a language. */
  constructor(sentence: (words: UsageWords) => Sentence, options?: ErrorOptions) {
    const { message, hint } = sentence(WORDS.en.usage);
    super(message, options);
    this.hint = hint;
    this.#sentence = sentence;
  }

  /** Message and hint in a language. */
  in(lang: Lang): Sentence {
    return this.#sentence(WORDS[lang].usage);
  }
}
