/** What is due when, in elapsed milliseconds; a clock that is set does not move it. */
export class Timetable {
  readonly #resyncMs: number;
  readonly #driftMs: number;
  readonly #pollMs: number;
  readonly #random: () => number;
  /** Nothing can be done before this, unless a hint comes. */
  holdMs = 0;
  pollMs = 0;
  driftMs: number;
  resyncMs: number;
  /** The inventory is not to be asked before this, though a pass waits for it. */
  verifyMs = 0;

  constructor(
    periods: { readonly pollMs: number; readonly driftMs: number; readonly resyncMs: number },
    nowMs: number,
    random: () => number,
  ) {
    this.#pollMs = periods.pollMs;
    this.#driftMs = periods.driftMs;
    this.#resyncMs = periods.resyncMs;
    this.#random = random;
    this.driftMs = nowMs + this.#driftMs;
    this.resyncMs = this.#nextResyncMs(nowMs);
  }

  /** With jitter, so that many agents do not come at once. */
  #nextResyncMs(nowMs: number): number {
    return nowMs + this.#resyncMs * (0.9 + 0.2 * this.#random());
  }

  /** @returns Whether a poll was due; then the next one is set. */
  poll(nowMs: number): boolean {
    if (nowMs < this.pollMs) return false;
    this.pollMs = nowMs + this.#pollMs;
    return true;
  }

  /** The inventory was asked for. */
  drifted(nowMs: number): void {
    this.driftMs = nowMs + this.#driftMs;
  }

  /** A full reconcile is done, inventory included. */
  resynced(nowMs: number): void {
    this.drifted(nowMs);
    this.resyncMs = this.#nextResyncMs(nowMs);
  }

  /**
   * When anything of this is due next; it may be past.
   *
   * @param isStarted Whether the first pass is done: before, nothing else is due.
   * @param isWanted Whether someone asked for a full reconcile.
   */
  next(nowMs: number, isStarted: boolean, isWanted: boolean): number {
    if (this.holdMs > nowMs) return this.holdMs;
    if (!isStarted) return Math.min(this.pollMs, this.verifyMs);
    const thoroughMs = isWanted ? this.verifyMs : Math.max(this.resyncMs, this.verifyMs);
    return Math.min(this.pollMs, this.driftMs, thoroughMs);
  }
}
