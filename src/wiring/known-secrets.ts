import type { Io } from "../cli/argv.ts";
import type { InserterSettings } from "../config/settings.ts";
import { Secrets } from "../inserter/client/secrets.ts";

/** What must never be shown, whatever a command says and to whom. */
export class KnownSecrets {
  readonly #env: Io["env"];
  readonly #sources: Secrets[] = [];

  constructor(env: Io["env"]) {
    this.#env = env;
  }

  /** From now on the secrets of these settings count too; those of earlier ones stay secret. */
  learn(settings: Pick<InserterSettings, "token" | "headers" | "basic">): void {
    this.#sources.push(new Secrets(settings, this.#env));
  }

  /** As they are now, rotated files included, and as they were. */
  readonly all = (): Iterable<string> => this.#sources.flatMap((source) => [...source.current()]);
}

/** The secrets of one configuration; see {@link KnownSecrets}. */
export function secretsOf(
  settings: Pick<InserterSettings, "token" | "headers" | "basic">,
  env: Io["env"],
): () => Iterable<string> {
  const secrets = new KnownSecrets(env);
  secrets.learn(settings);
  return secrets.all;
}
