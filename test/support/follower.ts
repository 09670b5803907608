/** A daemon with a status listener, and its answers over HTTP. */
import { basename } from "node:path";
import type { StatusSnapshot } from "../../src/status.ts";
import type { Finished, Running } from "./artefact.ts";
import type { Scene } from "./scene.ts";
import { waitFor } from "./wait.ts";

/** Keys of a configuration other than repository, state and the inserter's URL. */
export interface FollowerConfig {
  readonly inserter?: object;
  readonly [key: string]: unknown;
}

export class Follower {
  readonly agent: Running;
  /** Of the status listener, ends with a slash. */
  readonly url: string;
  readonly #scene: Scene;

  private constructor(scene: Scene, agent: Running, url: string) {
    this.#scene = scene;
    this.agent = agent;
    this.url = url;
  }

  /** Starts it; resolves when its status can be asked for. */
  static async start(scene: Scene, settings: FollowerConfig = {}, state = scene.state): Promise<Follower> {
    // Each has its own file: daemons follow their configuration file.
    const name = `${basename(state)}.config.ts`;
    const config = configure(scene, { status: { listen: "127.0.0.1:0" }, ...settings }, state, name);
    const agent = scene.spawn(["run", "--config", config], { config, state, listen: "127.0.0.1" });
    const listening = await agent.waitForEvent("status.listening");
    return new Follower(scene, agent, String(listening["url"]));
  }

  async status(): Promise<StatusSnapshot> {
    return (await (await fetch(`${this.url}status`)).json()) as StatusSnapshot;
  }

  /** HTTP status of a probe. */
  async probe(name: "healthz" | "readyz"): Promise<number> {
    const answer = await fetch(`${this.url}${name}`);
    await answer.arrayBuffer();
    return answer.status;
  }

  /** Waits until its status is as expected, and returns it. */
  async until(
    what: string,
    holds: (status: StatusSnapshot) => boolean,
    ms = 30_000,
  ): Promise<StatusSnapshot> {
    let last = await this.status();
    await waitFor(
      async () => {
        last = await this.status();
        return holds(last);
      },
      what,
      ms,
    ).catch((error: Error) => {
      throw new Error(`${error.message}; it says ${JSON.stringify(last).slice(0, 3_000)}`);
    });
    return last;
  }

  /** What `sync-agent status` says of it. */
  ask(...words: readonly string[]): Promise<Finished> {
    const { host } = new URL(this.url);
    const config = configure(
      this.#scene,
      { status: { listen: host } },
      this.#scene.state,
      "asking.config.ts",
    );
    return this.#scene.spawn(["status", "--config", config, ...words], { config, listen: host }).finished;
  }
}

/** Writes a configuration with a quick poll and quick retries. @returns Its path. */
export function configure(
  scene: Scene,
  { inserter, ...others }: FollowerConfig,
  state = scene.state,
  name = "sync.config.ts",
): string {
  // One way to authorize: the test's own, or credentials that no output may show.
  const url = inserter !== undefined && "token" in inserter ? scene.inserter : scene.endpoint;
  const endpoint = { url, retry: { min: "50ms", max: "400ms" }, ...inserter };
  const settings = { repo: scene.repo, state, poll: "200ms", ...others, inserter: endpoint };
  return scene.config(`export default ${JSON.stringify(settings)};\n`, name);
}
