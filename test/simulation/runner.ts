import { join } from "node:path";
import { Worker } from "node:worker_threads";
import type { Chunk, Report } from "./worker.ts";

const HERE = import.meta.dirname;

/** A worker thread that lets histories happen, chunk by chunk. */
export class Runner {
  readonly #worker: Worker;

  /** @param folder Folder of the simulation to run: this one, or a copy of it beside a changed core. */
  constructor(folder = HERE) {
    this.#worker = new Worker(join(folder, "worker.ts"));
  }

  /** @throws What ended the worker. */
  run(chunk: Chunk): Promise<Report> {
    const worker = this.#worker;
    return new Promise((resolve, reject) => {
      const release = (): void => {
        worker.off("message", onReport);
        worker.off("error", onError);
      };
      const onReport = (report: Report): void => {
        release();
        resolve(report);
      };
      const onError = (error: unknown): void => {
        release();
        reject(error);
      };
      worker.on("message", onReport);
      worker.on("error", onError);
      worker.postMessage(chunk);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }
}

/** `count` integers from `from` on. */
export function range(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => from + i);
}
