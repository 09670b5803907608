/**
 * The person at the keyboard can mend this: a wrong flag, a wrong configuration, a directory that cannot
 * be written. Ends the program with exit code 2, without a stack trace.
 */
export class UsageError extends Error {
  override readonly name = "UsageError";
  /** What to do about it; may have several lines. Empty where the message says it all. */
  readonly hint: string;

  /**
   * @param message What is wrong and where, one or more lines, no full stop.
   * @param hint What to do about it.
   */
  constructor(message: string, hint = "", options?: ErrorOptions) {
    super(message, options);
    this.hint = hint;
  }
}
