/** A text of the core, there exactly once, and what stands in its place in a mutant. */
export interface Edit {
  readonly file: string;
  readonly was: string;
  readonly becomes: string;
}

/** A core with one known fault, that the simulation has to find. */
export interface Mutant {
  /** What is wrong with it. */
  readonly name: string;
  readonly edits: readonly Edit[];
}

/**
 * The files of the core that a mutant changes, as it has them.
 *
 * @param read Text of a file of the core, by its path from the root.
 * @throws {Error} When a text to be replaced is not there exactly once.
 */
export function mutate({ name, edits }: Mutant, read: (file: string) => string): Map<string, string> {
  const texts = new Map<string, string>();
  for (const { file, was, becomes } of edits) {
    const parts = (texts.get(file) ?? read(file)).split(was);
    if (parts.length !== 2) {
      throw new Error(`"${name}": its text is ${parts.length - 1} times in ${file}, not once:\n${was}`);
    }
    texts.set(file, parts.join(becomes));
  }
  return texts;
}

const edit = (file: string, was: string, becomes: string): Edit => ({
  file: `src/sync/${file}`,
  was,
  becomes,
});

const TAKEN = `{ kind: "answer", status: 200, retryAfterMs: null, version: null, location: null, excerpt: "" }`;

/**
 * Faults that tools of this kind have had, or are one careless line away from.
 *
 * Each has to be caught by the promises that `watch.ts` and `finale.ts` check: a mutant that lives shows
 * a promise that is not checked.
 */
export const MUTANTS: readonly Mutant[] = [
  {
    name: "begin is not durable: a restart forgets what was under way",
    edits: [
      edit(
        "agent.ts",
        "    this.#bindState();\n    this.versions",
        `    this.#bindState();
    state.transaction(() => {
      for (const entry of state.pending(null, 1_000)) state.putEntry({ ...entry, pending: null });
    });
    this.versions`,
      ),
    ],
  },
  {
    name: "acknowledges before the answer",
    edits: [
      edit(
        "deliver/deliverer.ts",
        "conclude(first, await sink.send(outgoing(first), signal));",
        `conclude(first, ${TAKEN});
      await sink.send(outgoing(first), signal);`,
      ),
    ],
  },
  {
    name: "takes a 500 for an acknowledgement",
    edits: [
      edit(
        "deliver/judge.ts",
        "if (isTemporary(status)) return",
        "if (isTemporary(status) && status > 500) return",
      ),
      edit("deliver/judge.ts", "status >= 200 && status < 300;", "status >= 200 && status <= 500;"),
    ],
  },
  {
    name: "takes a missing line of a batch answer for an acknowledgement",
    edits: [edit("deliver/deliverer.ts", "lines[i] ?? NO_LINE", `lines[i] ?? ${TAKEN}`)],
  },
  {
    name: "deletes before the upsert on a swap of ids",
    edits: [
      edit(
        "reconcile.ts",
        "      state.touch([...marked].filter((id) => !decided.has(id)));",
        `      for (const id of marked) {
        if (!decided.has(id) && this.#planner.planOne(state.claim(id, nowMs))) begun++;
      }`,
      ),
    ],
  },
  {
    name: "takes an error for an empty inventory",
    edits: [
      edit(
        "plan/inventory.ts",
        `    if (reply.kind === "unknown") return unknown(reply.reply);`,
        `    if (reply.kind === "unknown") {
      const pages = (async function* () {})();
      return this.#take({ kind: "listing", etag: null, batch: 0, pages }, look);
    }`,
      ),
    ],
  },
  {
    name: "takes a listing that was cut short for the whole",
    edits: [
      edit(
        "plan/inventory.ts",
        `      return { kind: "unknown", message: (error as Error).message, unreachable: false };
    }
    this.batch`,
        `    }
    this.batch`,
      ),
      edit(
        "plan/inventory.ts",
        `    } catch (error) {
      state.clearListing();`,
        "    } catch (error) {",
      ),
    ],
  },
  {
    name: "believes the inventory about a request under way",
    edits: [
      edit("plan/inventory.ts", "if (tracked.ids.has(id)) {", "if (tracked.ids.has(id) && drifted < 0) {"),
    ],
  },
  {
    name: "advances past an operation that has to be planned anew",
    edits: [edit("deliver/record.ts", `    if (change.kind === "reopened") state.touch([id]);\n`, "")],
  },
  {
    name: "advances past a file that could not be read",
    edits: [edit("reconcile.ts", `missing.isAny ? "" : articles.fingerprint`, "articles.fingerprint")],
  },
  {
    name: "checkpoint before the record",
    edits: [
      edit(
        "reconcile.ts",
        "    const comparison = await observe(world, head, trigger);\n",
        "    const comparison = await observe(world, head, trigger);\n    pass.checkpoint(head.revision);\n",
      ),
      edit("reconcile.ts", `      state.setMeta("checkpoint", null);\n`, ""),
    ],
  },
  {
    name: "versions from the clock alone",
    edits: [edit("version.ts", "Math.max(this.#last + 1, isCredible(clock) ? clock : 0)", "clock")],
  },
  {
    name: "version not stored",
    edits: [edit("version.ts", `this.#state.setMeta("version", String(this.#last));`, "")],
  },
  {
    name: "ignores that the inserter holds a newer version",
    edits: [
      edit(
        "deliver/judge.ts",
        "if (status === 412 && reply.version !== null && reply.version > operation.version) {",
        `if (status === 412) return [WORKS, { kind: "acknowledged", operation, durationMs: 0 }];
  if (false) {`,
      ),
    ],
  },
  {
    name: "brake: what the revision itself brings counts as owned",
    edits: [
      edit(
        "reconcile.ts",
        "applyBrake(state, planned, owned, maxFraction, fateOf)",
        "applyBrake(state, planned, state.countOwned(), maxFraction, fateOf)",
      ),
    ],
  },
  {
    name: "brake: what an interrupted pass brought counts as owned",
    edits: [edit("reconcile.ts", '(state.meta("baseline") ?? "")', '""')],
  },
  {
    name: "brake: each pass judges anew what is held",
    edits: [
      edit("plan/policy.ts", "const before = state.braked();", "const before = state.braked().slice(0, 0);"),
    ],
  },
  {
    name: "brake: a restart does not know of it",
    edits: [edit("agent.ts", 'brakeOf(world.state.braked(), world.state.meta("brake-cause"))', "null")],
  },
  {
    name: "brake: an approval lets more pass than its ids",
    edits: [
      edit(
        "plan/policy.ts",
        "const isHeld = isTooMany(later.length - back, ownedNow, maxFraction);",
        "const isHeld = isTooMany(later.length - back, ownedNow, maxFraction) && !now.some((row) => row.approved);",
      ),
    ],
  },
  {
    name: "brake: an approval outlives the return of its ids",
    edits: [
      edit(
        "plan/policy.ts",
        'else if (fate === "kept") now.push({ ...row, asked: false, approved: false });',
        'else if (fate === "kept" || fate === "back") now.push({ ...row, asked: false });',
      ),
    ],
  },
  {
    name: "brake: an approval outlives the deletes that it was for",
    edits: [edit("plan/planner.ts", "        if (state.anyBraked()) state.dropBraked(page);\n", "")],
  },
  {
    name: "brake: what a repair takes away is held",
    edits: [edit("plan/policy.ts", "later.length - back", "later.length")],
  },
  {
    name: "brake: holds the deletes of later changes too",
    edits: [
      edit(
        "plan/policy.ts",
        "const isHeld = isTooMany(later.length - back, ownedNow, maxFraction);",
        "const isHeld = later.length > 0 && (stays.length > 0 || isTooMany(later.length - back, ownedNow, maxFraction));",
      ),
    ],
  },
  {
    name: "a retry sends what a newer revision has replaced",
    edits: [
      edit(
        "deliver/queue.ts",
        "  #page: readonly string[] = [];\n",
        "  #page: readonly string[] = [];\n  readonly #first = new Map<string, Entry>();\n",
      ),
      edit(
        "deliver/queue.ts",
        "        const entry = id === undefined || !isFree(id) ? null : this.#state.entry(id);\n",
        `        const now = id === undefined || !isFree(id) ? null : this.#state.entry(id);
        const entry = now?.pending ? (this.#first.get(now.id) ?? now) : null;
        if (entry !== null) this.#first.set(entry.id, entry);
        else if (id !== undefined) this.#first.delete(id);
`,
      ),
    ],
  },
  {
    name: "an answer to an older operation acknowledges the newer one",
    edits: [
      edit(
        "entry.ts",
        "if (entry.pending?.version !== operation.version) return { ...entry, acknowledged };",
        "",
      ),
    ],
  },
  {
    name: "forgets that what was replaced may have arrived",
    edits: [
      edit(
        "entry.ts",
        "    uncertain: entry.uncertain || entry.pending !== null,\n",
        "    uncertain: entry.uncertain,\n",
      ),
    ],
  },
  {
    name: "forgets that what was taken back may have arrived",
    edits: [
      edit(
        "entry.ts",
        "return { ...entry, pending: null, uncertain: true };",
        "return { ...entry, pending: null };",
      ),
    ],
  },
  {
    name: "ignores whose article it is",
    edits: [edit("rules.ts", "return ours === null || owner === null", "return true || owner === null")],
  },
  {
    name: "takes everything that a listing without owners has for its own",
    edits: [
      edit(
        "plan/listing.ts",
        "listed.owner === rules.owner || rules.isWanted(id);",
        "listed.owner !== undefined;",
      ),
    ],
  },
  {
    name: "a pass that failed half-way does not wake delivery for what it had begun",
    edits: [
      edit(
        "reconcile.ts",
        "    deliverer.wake();\n    if (error instanceof ObjectsGone)",
        "    if (error instanceof ObjectsGone)",
      ),
    ],
  },
  {
    name: "sends for ever what the inserter stores otherwise",
    edits: [
      edit(
        "plan/listing.ts",
        "if (isOurs && known.repaired !== null",
        "if (isOurs && again && known.repaired !== null",
      ),
    ],
  },
  {
    name: "two requests of one id at a time",
    edits: [edit("deliver/pick.ts", "!inFlight.has(id) && !taken.has(id)", "!taken.has(id)")],
  },
  {
    name: "withdraws the last good version of a malformed file",
    edits: [edit("plan/manifest.ts", "  if (isUnreadable(verdict)) return true;\n", "")],
  },
  {
    name: "a copy takes over the id of a file",
    edits: [
      edit("rules.ts", "    if (isHolder(path, digest, entry)) return { path, blob, digest };\n", ""),
      edit("rules.ts", "if (entry === null || isHolder(path, digest, entry)) return true;", "return true;"),
    ],
  },
  {
    name: "a copy read before the file that holds the id is begun at once",
    edits: [
      edit("rules.ts", "if (entry === null || isHolder(path, digest, entry)) return true;", "return true;"),
      edit(
        "reconcile.ts",
        "const claim = state.claim(id, this.#facts.nowMs);\n    if",
        'const claim = { id, winner: { path, digest, blob: state.file(path)?.blob ?? "" }, entry: state.entry(id) };\n    if',
      ),
    ],
  },
  {
    name: "a slip in the first lines withdraws the article",
    edits: [edit("rules.ts", "  if (!holdsId && !(", '  if (verdict.kind === "none" || !(')],
  },
  {
    name: "a clock set back withdraws what was published",
    edits: [
      edit("rules.ts", "comesMs <= (entry?.appearedMs ?? Number.NEGATIVE_INFINITY)", "comesMs < nowMs"),
    ],
  },
  {
    name: "what time has published is forgotten",
    edits: [
      edit("plan/manifest.ts", "entry.appearedMs === appearedMs ? entry", "appearedMs !== undefined ? entry"),
    ],
  },
  {
    name: "a clock that once was ahead publishes whatever is scheduled",
    edits: [
      edit(
        "reconcile.ts",
        "  const nowMs = clock.nowMs();\n  // A clock",
        "  const nowMs = Math.max(before, clock.nowMs());\n  // A clock",
      ),
    ],
  },
  {
    name: "an article never expires",
    edits: [
      edit("rules.ts", "isExpired(verdict, nowMs)) return false;", "verdict.digest === null) return false;"),
    ],
  },
  {
    name: "does not notice that a date has come",
    edits: [edit("daemon.ts", "if (this.#dateCame()) return", "if (this.#dateCame() && false) return")],
  },
  {
    name: "sends whatever the file has by now as the payload begun",
    edits: [
      edit(
        "deliver/bodies.ts",
        `verdict.kind === "article" && verdict.digest === digest && body !== null`,
        "body !== null",
      ),
    ],
  },
  {
    name: "a Retry-After pauses nothing",
    edits: [
      edit(
        "deliver/breaker.ts",
        "nowMs + Math.min(retryAfterMs, RETRY_AFTER_MS_MAX)",
        "0 * Math.min(retryAfterMs, RETRY_AFTER_MS_MAX)",
      ),
    ],
  },
  {
    name: "a dead inserter is sent everything at once",
    edits: [
      edit(
        "deliver/breaker.ts",
        "    if (all >= (isOneByOne ? 1 : concurrency)) return Number.POSITIVE_INFINITY;\n",
        `    if (all >= concurrency) return Number.POSITIVE_INFINITY;
    if (isOneByOne) return 0;
`,
      ),
    ],
  },
  {
    name: "the loop waits for the inventory",
    edits: [
      edit(
        "daemon.ts",
        "      const trigger = await this.#dueTrigger(head);\n",
        "      await this.#verification.ended();\n      const trigger = await this.#dueTrigger(head);\n",
      ),
    ],
  },
  {
    name: "what has failed leaves before what was not tried yet",
    edits: [
      edit(
        "deliver/pick.ts",
        '    return (\n      (isOpen("recent")',
        `    return (
      (isOpen("failed") ? this.#group("failed", 1, (isFree) => this.#failed(isFree, nowMs)) : null) ??
      (isOpen("recent")`,
      ),
    ],
  },
  {
    name: "an edit waits until the inserter is in no trouble",
    edits: [
      edit("deliver/breaker.ts", 'const isWhole = lane === "failed" ||', "const isWhole = lane !== null ||"),
    ],
  },
  {
    name: "articles that fail while others are taken are the trouble of the inserter",
    edits: [edit("deliver/breaker.ts", "    if (isAtFault) return;\n", "")],
  },
  {
    name: "an article refused before is the trouble of the inserter at each resync",
    edits: [edit("deliver/judge.ts", "(isAlone || context.wasRefused)", "isAlone")],
  },
  {
    name: "a delete leaves before the upsert that replaces it",
    edits: [
      edit(
        "deliver/pick.ts",
        "    if (!mayBeReplaced(operation)) return true;\n",
        "    if (operation) return true;\n",
      ),
    ],
  },
  {
    name: "a delete waits for ever for an upsert that is never taken",
    edits: [
      edit(
        "deliver/pick.ts",
        "attempts.failures(other) < tries;",
        "attempts.failures(other) < tries * 1_000;",
      ),
    ],
  },
  {
    name: "an inserter that always has something newer is asked without a pause",
    edits: [edit("deliver/record.ts", "const failures = overtaken - 1;", "const failures = 0 * overtaken;")],
  },
  {
    name: "no delay between attempts",
    edits: [edit("retry.ts", "Math.max(bounds.minMs / 2, random * ceilingMs)", "0 * ceilingMs * random")],
  },
  {
    name: "sends again what is acknowledged already",
    edits: [
      edit(
        "plan/plan.ts",
        "if (acknowledged?.digest === winner.digest && !entry.uncertain)",
        "if (acknowledged?.digest === winner.digest && entry.path === winner.path && entry.blob === winner.blob)",
      ),
    ],
  },
];
