/** Render threads: started when there is more to do than the main thread should do, ended when idle. */
// The global ones of Deno 2.5 cannot be told not to hold the process.
import { clearTimeout, setTimeout } from "node:timers";
import { Worker } from "node:worker_threads";
import type { Answer, Task } from "./worker.ts";

/**
 * The bundled text of `worker.ts` as one script (esbuild's `iife`), put in by the build; absent while run
 * from the sources. It may call `require` for builtins; there is no `module` on Deno 2.5.
 */
declare const __WORKER_SOURCE__: string | undefined;

/** What became of a task: an answer, or null when its thread was lost twice and nothing is known. */
export type Outcome = Exclude<Answer, { kind: "ready" }> | null;

/** A thread answers in time by itself; this long after that it must be out of its mind. */
const OVERDUE_MS = 2_000;
/** Starting a thread on a machine that has other things to do. */
const START_MS = 10_000;
const MEMORY_MIB_MAX = 1024;

interface Job {
  readonly task: Task;
  readonly resolve: (outcome: Outcome) => void;
  /** Whether a thread died under it before. */
  wasLost: boolean;
}

interface Thread {
  readonly worker: Worker;
  /** Given to the thread and not yet answered, oldest first. */
  readonly jobs: Job[];
  /** Given, and about to be handed over. */
  readonly unsent: Task[];
  isReady: boolean;
  /** Its one job may take long, so nothing should wait behind it. */
  isExclusive: boolean;
  timer: NodeJS.Timeout | undefined;
}

export interface PoolOptions {
  /** Most threads at a time. */
  readonly size: number;
  /** A thread without work for so long is ended, and its memory with it. */
  readonly idleMs: number;
  /** Short tasks a thread may have waiting, so that it need not wait for the next. */
  readonly prefetch: number;
}

export class Pool {
  readonly #options: PoolOptions;
  readonly #threads = new Set<Thread>();
  /** Long tasks that wait for a thread of their own. */
  #waiting: Job[] = [];
  #isClosed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /** Runs a task that may take long, on a thread where nothing else waits behind it. */
  async run(task: Task): Promise<Outcome> {
    if (this.#isClosed) return null;
    return new Promise((resolve) => {
      this.#waiting.push({ task, resolve, wasLost: false });
      this.#dispatch();
    });
  }

  /** Whether some thread would take a short task, had it room. */
  get isReady(): boolean {
    return [...this.#threads].some(({ isReady, isExclusive }) => isReady && !isExclusive);
  }

  /** Runs a short task if a thread stands ready with room for it; null when none does. */
  tryRun(task: Task): Promise<Outcome> | null {
    let best: Thread | null = null;
    for (const thread of this.#threads) {
      const isOpen = thread.isReady && !thread.isExclusive && thread.jobs.length < this.#options.prefetch;
      if (isOpen && (best === null || thread.jobs.length < best.jobs.length)) best = thread;
    }
    if (best === null || this.#waiting.length > 0) return null;
    const thread = best;
    return new Promise((resolve) => this.#give(thread, { task, resolve, wasLost: false }));
  }

  /**
   * One thread more: there is a backlog. One starts at a time.
   *
   * @param most So many are enough for it.
   */
  grow(most: number): void {
    const isStarting = [...this.#threads].some(({ isReady }) => !isReady);
    if (!this.#isClosed && !isStarting && this.#threads.size < Math.min(most, this.#options.size))
      this.#start();
  }

  /** Ends all threads; what they had not answered comes to null. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const jobs = [...this.#waiting, ...[...this.#threads].flatMap((thread) => thread.jobs)];
    this.#waiting = [];
    await Promise.all([...this.#threads].map((thread) => this.#end(thread)));
    for (const { resolve } of jobs) resolve(null);
  }

  #dispatch(): void {
    while (this.#waiting.length > 0) {
      const idle = [...this.#threads].find(({ jobs }) => jobs.length === 0);
      const thread = idle ?? (this.#threads.size < this.#options.size ? this.#start() : null);
      const job = thread === null ? undefined : this.#waiting.shift();
      if (thread === null || job === undefined) return;
      thread.isExclusive = true;
      this.#give(thread, job);
    }
  }

  #start(): Thread {
    const options = { name: "render", resourceLimits: { maxOldGenerationSizeMb: MEMORY_MIB_MAX } };
    const worker =
      typeof __WORKER_SOURCE__ === "string"
        ? new Worker(__WORKER_SOURCE__, { ...options, eval: true })
        : new Worker(new URL("./worker.ts", import.meta.url), options);
    const thread: Thread = {
      worker,
      jobs: [],
      unsent: [],
      isReady: false,
      isExclusive: false,
      timer: undefined,
    };
    this.#threads.add(thread);
    worker.on("message", (answers: readonly Answer[]) => {
      for (const answer of answers) this.#hear(thread, answer);
    });
    worker.on("error", (error: Error) => this.#lose(thread, error.message));
    worker.on("exit", () => this.#lose(thread, "the render thread ended"));
    // Timers hold the process while there is work; a thread by itself never does.
    worker.unref();
    this.#watch(thread);
    return thread;
  }

  #give(thread: Thread, job: Job): void {
    thread.jobs.push(job);
    if (thread.jobs.length === 1) this.#watch(thread);
    thread.unsent.push(job.task);
    if (thread.unsent.length === 1) process.nextTick(() => this.#send(thread));
  }

  /** Hands over what was given at once: to wake a thread costs more than most tasks. */
  #send(thread: Thread): void {
    if (this.#threads.has(thread)) thread.worker.postMessage(thread.unsent.splice(0));
  }

  #hear(thread: Thread, answer: Answer): void {
    if (!this.#threads.has(thread)) return;
    if (answer.kind === "ready") thread.isReady = true;
    else {
      thread.jobs.shift()?.resolve(answer);
      if (thread.jobs.length === 0) thread.isExclusive = false;
      if (answer.kind === "failed" && answer.isSpent) {
        this.#drop(thread);
        return;
      }
    }
    this.#watch(thread);
    this.#dispatch();
  }

  /** Sets the alarm for what the thread does now: start, answer its oldest job, or nothing. */
  #watch(thread: Thread): void {
    clearTimeout(thread.timer);
    const job = thread.jobs[0];
    if (job === undefined) {
      thread.timer = setTimeout(() => this.#end(thread), this.#options.idleMs);
      thread.timer.unref();
      return;
    }
    const dueMs = job.task.timeMs + OVERDUE_MS + (thread.isReady ? 0 : START_MS);
    thread.timer = setTimeout(() => this.#lose(thread, "the render thread does not answer"), dueMs);
  }

  /** The thread is gone, or does not answer: what it was working on has failed. */
  #lose(thread: Thread, message: string): void {
    if (!this.#threads.has(thread)) return;
    if (thread.isReady) thread.jobs.shift()?.resolve({ kind: "failed", why: "time", message, isSpent: true });
    this.#drop(thread);
  }

  /** Ends a thread that is of no more use; what waited on it gets another chance. */
  #drop(thread: Thread): void {
    const jobs = thread.jobs.splice(0);
    void this.#end(thread);
    for (const job of jobs) this.#retry(job);
    this.#dispatch();
  }

  #retry(job: Job): void {
    if (job.wasLost || this.#isClosed) job.resolve(null);
    else {
      job.wasLost = true;
      this.#waiting.push(job);
    }
  }

  async #end(thread: Thread): Promise<void> {
    clearTimeout(thread.timer);
    this.#threads.delete(thread);
    await thread.worker.terminate();
  }
}
