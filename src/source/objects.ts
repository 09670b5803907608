/**
 * Objects of a repository, through one long-lived `git cat-file --batch`: started when first asked,
 * pipelined, started again when it died, when the repository was replaced under it, or when it holds on
 * to packs that are gone.
 */
import { type BatchAnswer, batchParser } from "./batch.ts";
import { giveBack } from "./chunk.ts";
import { failureOf, GitFailed, type GitRun, startGit } from "./git.ts";

/** Questions that git has been given and not yet answered: enough to hide the round trip. */
const IN_FLIGHT_MAX = 64;
/** Why a git that has served this many revisions is replaced: it pins the disk space of deleted packs. */
const REVISIONS_PER_GIT = 16;
/** And one that is this old, at the next revision: an idle sidecar must not pin them for days. */
const GIT_AGE_MAX_MS = 600_000;
/** How long after a revision came the next git takes over. */
const REPLACE_AFTER_MS = 500;
/** A git that starts is asked this first: one that cannot even say so fails for every object. */
const GREETING = "0".repeat(40);

/** Trees and commits are read whole; one beyond this is no repository of articles. */
export const TREE_SIZE_MAX = 1_073_741_824;

export interface ObjectOptions {
  /** A git that has questions and gives no byte for this long is ended. */
  readonly silenceMsMax: number;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
}

interface Question {
  readonly name: string;
  readonly sizeBytesMax: number;
  /** Whether a git started before the present revision may say "missing". */
  readonly trusting: boolean;
  readonly resolve: (answer: BatchAnswer) => void;
  readonly reject: (error: GitFailed) => void;
  /** How many gits died over it. */
  deaths: number;
}

interface Running {
  readonly run: GitRun;
  readonly startedMs: number;
  /** Questions written and not answered; the oldest first. */
  readonly asked: Question[];
  revisions: number;
  /** False from the moment another revision is looked at: its "missing" is then asked once more. */
  current: boolean;
  greeted: boolean;
  /** No more of its answers count. */
  retired: boolean;
}

/** Reads objects by id or name. All methods may be called at any time; close it in the end. */
export class ObjectReader {
  readonly #options: ObjectOptions;
  #gitDir = "";
  #identity = "";
  #waiting: Question[] = [];
  #running: Running | null = null;
  #replacing: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: ObjectOptions) {
    this.#options = options;
  }

  /**
   * Which repository to read.
   *
   * @param identity Changes when another one takes its place at the same path.
   */
  use(gitDir: string, identity: string): void {
    if (gitDir === this.#gitDir && identity === this.#identity) return;
    this.#gitDir = gitDir;
    this.#identity = identity;
    this.#retire();
    this.#feed();
  }

  /** Another revision is looked at: from now on a "missing" of a git started earlier is doubted. */
  turn(): void {
    const running = this.#running;
    if (running === null) return;
    running.current = false;
    running.revisions += 1;
    const ageMs = this.#options.nowMs() - running.startedMs;
    if (running.revisions >= REVISIONS_PER_GIT || ageMs > GIT_AGE_MAX_MS) this.#replaceSoon(running);
  }

  /** Replaces a worn git when nobody waits for it: to start another one takes longer than all that is asked. */
  #replaceSoon(running: Running): void {
    clearTimeout(this.#replacing);
    this.#replacing = setTimeout(() => {
      if (this.#running !== running) return;
      if (running.asked.length > 0) return this.#replaceSoon(running);
      this.#retire();
      this.#running = this.#start();
    }, REPLACE_AFTER_MS);
    this.#replacing.unref();
  }

  /**
   * One object.
   *
   * An object over which two gits died is `missing`: a corrupt one must not take the others with it.
   *
   * @param name An object id or any name git resolves, without control characters.
   * @param sizeBytesMax A larger object is answered as `too-large`, without being held in memory.
   * @param trusting Whether "missing" is no surprise, so that it is not asked once more.
   * @throws {GitFailed} When git cannot be started, cannot read the repository, or does not answer.
   */
  ask(name: string, sizeBytesMax: number, trusting = false): Promise<BatchAnswer> {
    if (/[\0-\x1f\x7f]/.test(name)) return Promise.resolve({ kind: "missing" });
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(new GitFailed("the repository is closed", "Nothing to mend: the agent is ending."));
        return;
      }
      this.#waiting.push({ name, sizeBytesMax, trusting, resolve, reject, deaths: 0 });
      if (this.#waiting.length === 1) queueMicrotask(() => this.#feed());
    });
  }

  /** Ends git; what was asked and not answered is rejected. */
  async close(): Promise<void> {
    const ended = this.#running?.run.ended;
    this.#closed = true;
    clearTimeout(this.#replacing);
    this.#retire();
    this.#rejectAll(new GitFailed("the repository is closed", "Nothing to mend: the agent is ending."));
    await ended;
  }

  /** Gives git as many questions as it may have at once, and all that are asked together in one write. */
  #feed(): void {
    if (this.#waiting.length === 0) return;
    this.#running ??= this.#start();
    const { asked, run } = this.#running;
    const batch = this.#waiting.splice(0, IN_FLIGHT_MAX - asked.length);
    if (batch.length === 0) return;
    asked.push(...batch);
    run.stdin.write(batch.map(({ name }) => `${name}\n`).join(""));
  }

  #start(): Running {
    const running: Running = {
      run: startGit(this.#gitDir, ["cat-file", "--batch"]),
      startedMs: this.#options.nowMs(),
      asked: [],
      revisions: 0,
      current: true,
      greeted: false,
      retired: false,
    };
    running.run.stdin.write(`${GREETING}\n`);
    void this.#listen(running);
    return running;
  }

  /** Takes the answers of one git until it ends. */
  async #listen(running: Running): Promise<void> {
    const { run, asked } = running;
    const parse = batchParser(
      () => asked[0]?.sizeBytesMax ?? 0,
      (answer) => this.#answered(running, answer),
    );
    const silence = this.#watchSilence(running);
    try {
      for await (const chunk of run.stdout) {
        // Killed: its output ends by itself. To turn away from it would be an error to Deno 2.5.
        if (running.retired) continue;
        silence.broken();
        parse(chunk);
        giveBack(chunk);
        this.#feed();
      }
    } catch {
      // A stream cut short: how git ended tells more.
    }
    silence.stop();
    run.kill();
    const end = await run.ended;
    if (running.retired) return;

    this.#retire();
    const [first] = this.#waiting;
    if (silence.tooLong()) {
      const seconds = Math.round(this.#options.silenceMsMax / 1000);
      this.#rejectAll(
        new GitFailed(
          `git did not answer for ${seconds} s while reading ${this.#gitDir}`,
          "Is the volume (NFS?) that holds the repository reachable?",
        ),
      );
    } else if (!running.greeted) {
      this.#rejectAll(failureOf(end, this.#gitDir));
    } else if (first !== undefined) {
      first.deaths += 1;
      // Git says no more of a partial clone's missing object than this, and it says it dying.
      const promised = end.complaint.includes(`could not fetch ${first.name} from promisor remote`);
      if (promised || first.deaths > 1) {
        this.#waiting.shift();
        first.resolve({ kind: "missing" });
      }
    }
    this.#feed();
  }

  #answered(running: Running, answer: BatchAnswer): void {
    if (running.retired) return;
    if (!running.greeted) {
      running.greeted = true;
      return;
    }
    if (answer.kind === "missing" && !running.current && running.asked[0]?.trusting === false) {
      // Git may hold on to a repository, or to packs, that were replaced: ask a fresh one.
      this.#retire();
      this.#feed();
      return;
    }
    running.asked.shift()?.resolve(answer);
  }

  /** Ends the running git; what it owes an answer to goes back to the head of the queue. */
  #retire(): void {
    const running = this.#running;
    if (running === null) return;
    running.retired = true;
    this.#running = null;
    this.#waiting.unshift(...running.asked);
    running.run.kill();
  }

  #rejectAll(error: GitFailed): void {
    for (const question of this.#waiting.splice(0)) question.reject(error);
  }

  /**
   * Ends a git that owes answers and gives none. Counted in quarters, so that a program which was itself
   * too busy to listen does not blame git.
   */
  #watchSilence(running: Running): { broken(): void; stop(): void; tooLong(): boolean } {
    let quarters = 0;
    const timer = setInterval(() => {
      quarters = running.asked.length === 0 ? 0 : quarters + 1;
      if (quarters > 4) running.run.kill();
    }, this.#options.silenceMsMax / 4);
    timer.unref();
    return {
      broken: () => {
        quarters = 0;
      },
      stop: () => clearInterval(timer),
      tooLong: () => quarters > 4,
    };
  }
}
