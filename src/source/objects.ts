/**
 * Objects of a repository, through one long-lived `git cat-file --batch`: started when first asked,
 * pipelined, started again when it died, when the repository was replaced under it, or when it holds on
 * to packs that are gone.
 */
import { failureOf, GitFailed, type GitRun, release, startGit } from "./git.ts";

/** Questions that git has been given and not yet answered: enough to hide the round trip. */
const IN_FLIGHT_MAX = 64;
/** A git that has served this many revisions is replaced: it pins the disk space of deleted packs. */
const REVISIONS_PER_GIT = 16;
/** So is one that is this old, at the next revision: an idle sidecar must not pin them for days. */
const GIT_AGE_MAX_MS = 600_000;
/** How long after a new revision such a git is replaced: starting one takes longer than all that is asked. */
const REPLACE_AFTER_MS = 500;
/** A git that starts is asked this first: one that cannot even answer this fails for every object. */
const GREETING = "0".repeat(40);

/** Trees and commits are read whole; one beyond this is no repository of articles. */
const TREE_SIZE_MAX = 1_073_741_824;

export interface AskOptions {
  /** A larger object is answered as `too-large`, without being held in memory; by default 1 GiB. */
  readonly sizeBytesMax?: number;
  /** Whether "missing" is no surprise: then it is not asked once more of a newer git. */
  readonly trusting?: boolean;
}

interface Question extends Required<AskOptions> {
  readonly name: string;
  readonly answer: PromiseWithResolvers<BatchAnswer>;
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
}

/** Reads objects by id or name. All methods may be called at any time; close it in the end. */
export class ObjectReader {
  readonly #silenceMsMax: number;
  #gitDir = "";
  #identity = "";
  #waiting: Question[] = [];
  #running: Running | null = null;
  #replacing: NodeJS.Timeout | undefined;
  #closed = false;

  /** @param silenceMsMax A git that has questions and gives no byte for this long is ended. */
  constructor(silenceMsMax: number) {
    this.#silenceMsMax = silenceMsMax;
  }

  /**
   * Which repository to read.
   *
   * @param identity Changes when another one takes its place at the same path.
   * @returns Whether it is another one than before.
   */
  use(gitDir: string, identity: string): boolean {
    if (gitDir === this.#gitDir && identity === this.#identity) return false;
    this.#gitDir = gitDir;
    this.#identity = identity;
    this.#retire();
    this.#feed();
    return true;
  }

  /** The folder that holds the objects, once `use` was called. */
  get gitDir(): string {
    return this.#gitDir;
  }

  /** Another revision is looked at: from now on a "missing" of a git started earlier is asked once more. */
  newRevision(): void {
    const running = this.#running;
    if (running === null) return;
    running.current = false;
    running.revisions += 1;
    const ageMs = performance.now() - running.startedMs;
    if (running.revisions >= REVISIONS_PER_GIT || ageMs > GIT_AGE_MAX_MS) this.#replaceSoon(running);
  }

  /** Replaces a git when nothing waits for it. */
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
   * @throws {GitFailed} When git cannot be started, cannot read the repository, or does not answer.
   */
  ask(
    name: string,
    { sizeBytesMax = TREE_SIZE_MAX, trusting = false }: AskOptions = {},
  ): Promise<BatchAnswer> {
    if (/[\0-\x1f\x7f]/.test(name)) return Promise.resolve({ kind: "missing" });
    if (this.#closed) return Promise.reject(closedError());
    const answer = Promise.withResolvers<BatchAnswer>();
    this.#waiting.push({ name, sizeBytesMax, trusting, answer, deaths: 0 });
    if (this.#waiting.length === 1) queueMicrotask(() => this.#feed());
    return answer.promise;
  }

  /** Ends git; what was asked and not answered is rejected. */
  async close(): Promise<void> {
    const ended = this.#running?.run.ended;
    this.#closed = true;
    clearTimeout(this.#replacing);
    this.#retire();
    this.#rejectAll(closedError());
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
      run: startGit(this.#gitDir, ["cat-file", "--batch"], { silenceMsMax: this.#silenceMsMax }),
      startedMs: performance.now(),
      asked: [],
      revisions: 0,
      current: true,
      greeted: false,
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
    for await (const chunk of run.output(() => asked.length > 0)) {
      // Killed: its output ends by itself.
      if (this.#running !== running) continue;
      parse(chunk);
      release(chunk);
      this.#feed();
    }
    run.kill();
    const end = await run.ended;
    if (this.#running !== running) return;
    this.#retire();
    const [first] = this.#waiting;
    if (end.silentMs !== null || !running.greeted) {
      this.#rejectAll(failureOf(end, this.#gitDir));
    } else if (first !== undefined) {
      first.deaths += 1;
      // All that git prints about a missing object of a partial clone, and it dies over it.
      const promised = end.complaint.includes(`could not fetch ${first.name} from promisor remote`);
      if (promised || first.deaths > 1) {
        this.#waiting.shift();
        first.answer.resolve({ kind: "missing" });
      }
    }
    this.#feed();
  }

  #answered(running: Running, answer: BatchAnswer): void {
    if (this.#running !== running) return;
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
    running.asked.shift()?.answer.resolve(answer);
  }

  /** Ends the running git, of which no more counts; its unanswered questions go back to the head of the queue. */
  #retire(): void {
    const running = this.#running;
    if (running === null) return;
    this.#running = null;
    this.#waiting.unshift(...running.asked);
    running.run.kill();
  }

  #rejectAll(error: GitFailed): void {
    for (const question of this.#waiting.splice(0)) question.answer.reject(error);
  }
}

function closedError(): GitFailed {
  return new GitFailed("the repository is closed", "No action needed: the agent is ending.");
}

/** One answer. `missing` also stands for a name that is ambiguous. */
export type BatchAnswer =
  | { readonly kind: "object"; readonly id: string; readonly type: string; readonly bytes: Buffer }
  | { readonly kind: "too-large"; readonly id: string; readonly type: string; readonly sizeBytes: number }
  | { readonly kind: "missing" };

/** `<id> <type> <size>`; any other line is a name that git prints back as missing or ambiguous. */
const HEADER = /^([0-9a-f]{40}|[0-9a-f]{64}) (commit|tree|blob|tag) (\d+)$/;
const NEWLINE = 0x0a;

/**
 * Cuts the output of `git cat-file --batch` into answers, byte by byte right wherever the chunks end.
 *
 * @param sizeBytesMax Asked once per answer, when its header is there: a larger object is passed over
 *   without being kept.
 * @param onAnswer Called once per request, in the order of the requests.
 * @see git-cat-file(1), "Batch output"
 */
export function batchParser(
  sizeBytesMax: () => number,
  onAnswer: (answer: BatchAnswer) => void,
): (chunk: Uint8Array) => void {
  /** A header that did not end with its chunk. */
  let begun: Buffer = Buffer.alloc(0);
  let object: { readonly id: string; readonly type: string; readonly sizeBytes: number } | null = null;
  /** Where the contents go; null while those of a too large object pass by. */
  let bytes: Buffer | null = null;
  /** Bytes of the object seen, its closing newline included. */
  let seen = 0;

  function header(line: string): void {
    const match = HEADER.exec(line);
    if (match === null) {
      onAnswer({ kind: "missing" });
      return;
    }
    const [, id = "", type = "", size = ""] = match;
    object = { id, type, sizeBytes: Number(size) };
    bytes = object.sizeBytes > sizeBytesMax() ? null : Buffer.allocUnsafeSlow(object.sizeBytes);
    seen = 0;
  }

  return (chunk) => {
    const input = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let at = 0;
    while (at < input.length) {
      if (object === null) {
        const end = input.indexOf(NEWLINE, at);
        const part = input.subarray(at, end < 0 ? input.length : end);
        const line = begun.length > 0 ? Buffer.concat([begun, part]) : part;
        at = end < 0 ? input.length : end + 1;
        begun = end < 0 ? Buffer.from(line) : Buffer.alloc(0);
        if (end >= 0) header(line.toString("latin1"));
        continue;
      }
      const { id, type, sizeBytes } = object;
      const take = Math.min(sizeBytes + 1 - seen, input.length - at);
      if (bytes !== null) input.copy(bytes, seen, at, at + Math.min(take, sizeBytes - seen));
      seen += take;
      at += take;
      if (seen < sizeBytes + 1) continue;
      const answer: BatchAnswer =
        bytes === null ? { kind: "too-large", id, type, sizeBytes } : { kind: "object", id, type, bytes };
      object = null;
      bytes = null;
      onAnswer(answer);
    }
  };
}

/** What is wanted of a commit object. */
export interface CommitSummary {
  /** Id of its root tree. */
  readonly tree: string;
  /** First line of the message; empty where there is none. */
  readonly subject: string;
  /** When it was authored, milliseconds since the epoch; 0 where that cannot be read. */
  readonly authorTimeMs: number;
}

/**
 * Reads a commit object. A commit names its encoding when it is not UTF-8; an unknown one is read as UTF-8,
 * for this is text to show, nothing more.
 *
 * @returns Null when it does not begin with a tree: git makes no such commit.
 * @see git-commit-tree(1), git-commit(1) "Discussion"
 */
export function parseCommit(bytes: Buffer): CommitSummary | null {
  const split = bytes.indexOf("\n\n");
  const headers = bytes.toString("latin1", 0, split < 0 ? bytes.length : split);
  const tree = /^tree ([0-9a-f]{40}|[0-9a-f]{64})$/m.exec(headers)?.[1];
  if (tree === undefined) return null;
  const seconds = /^author .*> (-?\d+) [-+]\d+$/m.exec(headers)?.[1];
  const encoding = /^encoding (.+)$/m.exec(headers)?.[1] ?? "utf-8";
  const message = split < 0 ? "" : decode(bytes.subarray(split + 2), encoding).trimStart();
  return {
    tree,
    subject: message.split("\n", 1)[0]?.trimEnd() ?? "",
    authorTimeMs: seconds === undefined ? 0 : Number(seconds) * 1000,
  };
}

function decode(bytes: Uint8Array, encoding: string): string {
  try {
    return new TextDecoder(encoding).decode(bytes);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}
