import type { InserterSettings } from "../../config/settings.ts";
import type { SecretReference } from "../../index.ts";
import { toHeader } from "../protocol.ts";
import { fileTrouble, WatchedFile } from "./watched-file.ts";

/** A secret cannot be had: nothing can be sent until someone mends it. The message says how. */
export class SecretUnavailable extends Error {
  override readonly name = "SecretUnavailable";
}

/** Literal headers of at least this length may be keys, and are struck out like secrets. */
const literalLengthMin = 8;
/** Former values of rotated secrets that are still struck out. */
const formerMax = 64;

/** Gives the current value. @throws {SecretUnavailable} */
type Secret = () => string;

/** What the client shows to be let in: token, password and headers of the configuration. */
export class Secrets {
  readonly #environment: Readonly<Record<string, string | undefined>>;
  readonly #files: WatchedFile[] = [];
  readonly #fields: ReadonlyMap<string, Secret>;
  readonly #known = new Set<string>();
  /** Whether nothing here is to be kept from others' eyes. */
  readonly isEmpty: boolean;

  constructor(
    settings: Pick<InserterSettings, "token" | "headers" | "basic">,
    environment: Readonly<Record<string, string | undefined>>,
  ) {
    this.#environment = environment;
    const { token, headers, basic } = settings;
    const fields = new Map<string, Secret>();
    if (basic !== null) {
      const encoded = Buffer.from(basic, "utf8").toString("base64");
      this.#know(basic.slice(basic.indexOf(":") + 1), encoded);
      fields.set("authorization", () => `Basic ${encoded}`);
    }
    for (const [name, value] of Object.entries(headers)) {
      if (typeof value !== "string")
        fields.set(name.toLowerCase(), this.#secret(`inserter.headers.${name}`, value));
      else {
        if (value.length >= literalLengthMin) this.#know(value);
        fields.set(name.toLowerCase(), () => value);
      }
    }
    if (token !== null) {
      const read = this.#secret("inserter.token", token);
      fields.set("authorization", () => `Bearer ${read()}`);
    }
    this.#fields = fields;
    const references = Object.values(headers).filter((value) => typeof value !== "string");
    this.isEmpty = references.length === 0 && !fields.has("authorization");
  }

  /**
   * The header fields, names in lower case, as they are now.
   *
   * @throws {SecretUnavailable} If a variable is not set, or a file cannot be read or is empty.
   */
  headers(): Record<string, string> {
    const headers: Record<string, string> = {};
    for (const [name, secret] of this.#fields) headers[name] = toHeader(secret());
    return headers;
  }

  /** Reads all files again at the next {@link headers}, changed or not. */
  forget(): void {
    for (const file of this.#files) file.forget();
  }

  /** Everything that must not be shown, former values included. */
  known(): Iterable<string> {
    return this.#known;
  }

  /** The same after a look at all of them as they are now; one that cannot be had just now is passed over. */
  current(): Iterable<string> {
    for (const secret of this.#fields.values()) {
      try {
        secret();
      } catch (error) {
        if (!(error instanceof SecretUnavailable)) throw error;
      }
    }
    return this.#known;
  }

  #secret(key: string, reference: SecretReference): Secret {
    if ("env" in reference) return () => this.#fromEnvironment(key, reference.env);
    const file = new WatchedFile(reference.file);
    this.#files.push(file);
    return () => this.#fromFile(key, file);
  }

  #fromEnvironment(key: string, name: string): string {
    const value = this.#environment[name]?.replace(/[\r\n]+$/, "");
    if (value === undefined || value === "") {
      throw new SecretUnavailable(
        `${key}: the environment variable ${name} is not set; set it and start again`,
      );
    }
    return this.#checked(value, `${key}: the environment variable ${name}`);
  }

  #fromFile(key: string, file: WatchedFile): string {
    let text: string;
    try {
      text = file.read();
    } catch (error) {
      throw new SecretUnavailable(
        `${key}: cannot read ${file.path}: ${fileTrouble(error)}; it is used as soon as it is there`,
        { cause: error },
      );
    }
    const value = text.replace(/[\r\n]+$/, "");
    if (value === "") throw new SecretUnavailable(`${key}: ${file.path} is empty; write the secret into it`);
    return this.#checked(value, `${key}: ${file.path}`);
  }

  /** A header cannot carry control characters, and the error about it must not show the value. */
  #checked(value: string, what: string): string {
    this.#know(value);
    if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(value)) {
      throw new SecretUnavailable(
        `${what} contains a line break or control character; it should be one line`,
      );
    }
    return value;
  }

  #know(...values: readonly string[]): void {
    for (const value of values) this.#known.add(value);
    if (this.#known.size > formerMax) {
      const [oldest] = this.#known;
      if (oldest !== undefined) this.#known.delete(oldest);
    }
  }
}
