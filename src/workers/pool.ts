/** Worker threads: started when there is work for them, given up when they do not answer, ended when idle. */
// The global ones of Deno 2.5 have no `unref`.
import { clearTimeout, setTimeout } from "node:timers";
import { Worker } from "node:worker_threads";
import type { Message } from "./serve.ts";

/** Something for a thread to do: data that can be copied. */
export interface Timed {
  /** A thread that takes 2 s longer than this is given up, milliseconds. */
  readonly timeMs: number;
}

export interface PoolOptions {
  /**
   * What a thread runs, which calls `serve`: a file, or the text of a script, which may `require` builtins.
   * Asked for when the first thread starts.
   */
  readonly program: () => URL | string;
  /** What the program finds as `workerData`. */
  readonly data?: unknown;
  /** Most threads at a time. */
  readonly size: number;
  /** A thread without work for so long is ended, and its memory with it. */
  readonly idleMs: number;
  /** Short tasks a thread may have waiting, so that it need not wait for the next. */
  readonly prefetch: number;
}

/** A thread keeps its deadline by itself; so long after it, it is taken for stuck. */
const OVERDUE_MS = 2_000;
/** Starting a thread on a busy machine. */
const START_MS = 10_000;
const MEMORY_MIB_MAX = 1024;

interface Job<Task, Answer> {
  readonly task: Task;
  readonly resolve: (answer: Answer | null) => void;
  /** Whether a thread died under it before. */
  wasLost: boolean;
}

interface Thread<Task, Answer> {
  readonly worker: Worker;
  /** Given to the thread and not yet answered, oldest first. */
  readonly jobs: Job<Task, Answer>[];
  /** Given, and about to be sent. */
  readonly unsent: Task[];
  isReady: boolean;
  /** Its one job may take long, so nothing should wait behind it. */
  isExclusive: boolean;
  timer: NodeJS.Timeout | undefined;
}

export class Pool<Task extends Timed, Answer> {
  readonly #options: PoolOptions;
  #program: URL | string | null = null;
  readonly #threads = new Set<Thread<Task, Answer>>();
  /** Long tasks that wait for a thread of their own. */
  #waiting: Job<Task, Answer>[] = [];
  #isClosed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  /**
   * Runs a task that may take long, on a thread where nothing else waits behind it.
   *
   * @returns Null when there is no answer: the task failed or took too long, its thread died, or the pool closed.
   */
  async run(task: Task): Promise<Answer | null> {
    if (this.#isClosed) return null;
    return new Promise((resolve) => {
      this.#waiting.push({ task, resolve, wasLost: false });
      this.#dispatch();
    });
  }

  /** Whether some thread takes short tasks, once it has room. */
  get isReady(): boolean {
    return [...this.#threads].some(({ isReady, isExclusive }) => isReady && !isExclusive);
  }

  /** Runs a short task if a thread stands ready with room for it; null when none does. */
  tryRun(task: Task): Promise<Answer | null> | null {
    let best: Thread<Task, Answer> | null = null;
    for (const thread of this.#threads) {
      const isOpen = thread.isReady && !thread.isExclusive && thread.jobs.length < this.#options.prefetch;
      if (isOpen && (best === null || thread.jobs.length < best.jobs.length)) best = thread;
    }
    if (best === null || this.#waiting.length > 0) return null;
    const thread = best;
    return new Promise((resolve) => this.#give(thread, { task, resolve, wasLost: false }));
  }

  /**
   * Starts one more thread, as there is a backlog. One starts at a time.
   *
   * @param max So many are enough for it.
   */
  grow(max: number): void {
    const isStarting = [...this.#threads].some(({ isReady }) => !isReady);
    if (!this.#isClosed && !isStarting && this.#threads.size < Math.min(max, this.#options.size))
      this.#start();
  }

  /** Ends all threads; tasks without an answer resolve to null. */
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

  #start(): Thread<Task, Answer> {
    const { data } = this.#options;
    this.#program ??= this.#options.program();
    const program = this.#program;
    const worker = new Worker(program, {
      name: "worker",
      eval: typeof program === "string",
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: MEMORY_MIB_MAX },
    });
    const thread: Thread<Task, Answer> = {
      worker,
      jobs: [],
      unsent: [],
      isReady: false,
      isExclusive: false,
      timer: undefined,
    };
    this.#threads.add(thread);
    worker.on("message", (messages: readonly Message<Answer>[]) => {
      for (const message of messages) this.#receive(thread, message);
    });
    worker.on("error", () => this.#lose(thread));
    worker.on("exit", () => this.#lose(thread));
    // Timers hold the process while there is work; a thread by itself never does.
    worker.unref();
    this.#watch(thread);
    return thread;
  }

  #give(thread: Thread<Task, Answer>, job: Job<Task, Answer>): void {
    thread.jobs.push(job);
    if (thread.jobs.length === 1) this.#watch(thread);
    thread.unsent.push(job.task);
    if (thread.unsent.length === 1) process.nextTick(() => this.#send(thread));
  }

  /** Sends what was given at the same time in one message: waking a thread costs more than most tasks. */
  #send(thread: Thread<Task, Answer>): void {
    if (this.#threads.has(thread)) thread.worker.postMessage(thread.unsent.splice(0));
  }

  #receive(thread: Thread<Task, Answer>, message: Message<Answer>): void {
    if (!this.#threads.has(thread)) return;
    if (message.kind === "ready") thread.isReady = true;
    else {
      thread.jobs.shift()?.resolve(message.answer);
      if (thread.jobs.length === 0) thread.isExclusive = false;
      if (message.isSpent) {
        this.#drop(thread);
        return;
      }
    }
    this.#watch(thread);
    this.#dispatch();
  }

  /** Sets the timer for what the thread does now: start, answer its oldest job, or nothing. */
  #watch(thread: Thread<Task, Answer>): void {
    clearTimeout(thread.timer);
    const job = thread.jobs[0];
    if (job === undefined) {
      thread.timer = setTimeout(() => this.#end(thread), this.#options.idleMs);
      thread.timer.unref();
      return;
    }
    const dueMs = job.task.timeMs + OVERDUE_MS + (thread.isReady ? 0 : START_MS);
    thread.timer = setTimeout(() => this.#lose(thread), dueMs);
  }

  /** The thread is gone, or does not answer: what it was working on has failed. */
  #lose(thread: Thread<Task, Answer>): void {
    if (!this.#threads.has(thread)) return;
    if (thread.isReady) thread.jobs.shift()?.resolve(null);
    this.#drop(thread);
  }

  /** Ends a thread that is of no more use; its other jobs go to another one, once. */
  #drop(thread: Thread<Task, Answer>): void {
    const jobs = thread.jobs.splice(0);
    void this.#end(thread);
    for (const job of jobs) this.#retry(job);
    this.#dispatch();
  }

  #retry(job: Job<Task, Answer>): void {
    if (job.wasLost || this.#isClosed) job.resolve(null);
    else {
      job.wasLost = true;
      this.#waiting.push(job);
    }
  }

  async #end(thread: Thread<Task, Answer>): Promise<void> {
    clearTimeout(thread.timer);
    this.#threads.delete(thread);
    await thread.worker.terminate();
  }
}
