import type { InserterSettings } from "../../config/settings.ts";
import type { SecretReference } from "../../index.ts";
import { createRedactor } from "../../messages/redact.ts";
import { toHeader } from "../protocol.ts";
import { Fault } from "./fault.ts";
import { describeFileError, WatchedFile } from "./watched-file.ts";

/** Literal headers of at least this length may be keys, and are struck out like secrets. */
const literalLengthMin = 8;
/** Former values of rotated secrets that are still struck out. */
const formerMax = 64;

/** The credentials of a client: token, password and headers of the configuration. */
export class Secrets {
  /** Whether there are no credentials. */
  readonly isEmpty: boolean;
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #files: WatchedFile[] = [];
  /** Header fields by name in lower case, each with what reads its current value. */
  readonly #fields = new Map<string, () => string>();
  readonly #known = new Set<string>();

  constructor(
    { token, headers, basic }: Pick<InserterSettings, "token" | "headers" | "basic">,
    environment: Readonly<Record<string, string | undefined>>,
    {
      name = "inserter.token",
      authorization = (value: string) => `Bearer ${value}`,
    }: {
      /** What the token is called in messages. */
      readonly name?: string;
      /** The header that it makes. */
      readonly authorization?: (value: string) => string;
    } = {},
  ) {
    this.#environment = environment;
    if (basic !== null) {
      const encoded = Buffer.from(basic, "utf8").toString("base64");
      this.#learn(basic.slice(basic.indexOf(":") + 1));
      this.#learn(encoded);
      this.#fields.set("authorization", () => `Basic ${encoded}`);
    }
    for (const [name, value] of Object.entries(headers)) {
      const isLiteral = typeof value === "string";
      if (isLiteral && value.length >= literalLengthMin) this.#learn(value);
      const read = isLiteral ? () => value : this.#reader(`inserter.headers.${name}`, value);
      this.#fields.set(name.toLowerCase(), read);
    }
    if (token !== null) {
      const read = this.#reader(name, token);
      this.#fields.set("authorization", () => authorization(read()));
    }
    const hasReference = Object.values(headers).some((value) => typeof value !== "string");
    this.isEmpty = !hasReference && !this.#fields.has("authorization");
  }

  /**
   * The header fields, names in lower case, as they are now.
   *
   * @throws {Fault} `connect` if a variable is not set, or a file cannot be read or is empty; the message
   *   says how to fix it.
   */
  headers(): Record<string, string> {
    const headers: Record<string, string> = {};
    for (const [name, read] of this.#fields) headers[name] = toHeader(read());
    return headers;
  }

  /** Reads all files again at the next {@link headers}, changed or not. */
  forget(): void {
    for (const file of this.#files) file.forget();
  }

  /** Removes everything that must not be shown, former values included, from a text. */
  readonly redact = createRedactor(() => this.#known);

  /** All secrets as they are now, and as they were; one that cannot be read is left out. */
  current(): Iterable<string> {
    for (const read of this.#fields.values()) {
      try {
        read();
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
      }
    }
    return this.#known;
  }

  #reader(key: string, reference: SecretReference): () => string {
    if ("env" in reference) return () => this.#fromEnvironment(key, reference.env);
    const file = new WatchedFile(reference.file);
    this.#files.push(file);
    return () => this.#fromFile(key, file);
  }

  #fromEnvironment(key: string, name: string): string {
    const what = `${key}: the environment variable ${name}`;
    const value = this.#environment[name]?.trim() ?? "";
    if (value === "") throw new Fault("connect", `${what} is not set; set it and start again`);
    return this.#checked(value, what);
  }

  #fromFile(key: string, file: WatchedFile): string {
    let text: string;
    try {
      text = file.read();
    } catch (error) {
      const why = describeFileError(error);
      const message = `${key}: cannot read ${file.path}: ${why}; it is used as soon as it is there`;
      throw new Fault("connect", message, { cause: error });
    }
    // Editors add line ends, some of them a byte order mark, which counts as a blank here.
    const value = text.trim();
    if (value === "") throw new Fault("connect", `${key}: ${file.path} is empty; write the secret into it`);
    return this.#checked(value, `${key}: ${file.path}`);
  }

  /** A header cannot carry control characters, and the error about it must not show the value. */
  #checked(value: string, what: string): string {
    this.#learn(value);
    if (!/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value)) return value;
    throw new Fault("connect", `${what} contains a line break or control character; it should be one line`);
  }

  #learn(value: string): void {
    this.#known.add(value);
    const [oldest] = this.#known;
    if (this.#known.size > formerMax && oldest !== undefined) this.#known.delete(oldest);
  }
}
