/** Front matter in JSON: from a first line `{` to a line `}`. */
import { excess } from "./bounds.ts";
import type { Entries, Entry, Written } from "./entries.ts";
import { fault, type Parsed, type YamlFault } from "./yaml-fault.ts";

/** Parses an object; a key that is there twice is a fault, as in YAML and TOML. */
export function parseJson(json: string): Parsed {
  const scanned = scan(json);
  if (scanned.fault !== null) return scanned.fault;
  const attributes = JSON.parse(json) as Record<string, unknown>;
  return excess(attributes) ?? { kind: "map", attributes };
}

/** Where each top-level key of JSON stands, and what is written after it. Linear in the text. */
export function scanJson(json: string): Entries {
  return scan(json).entries;
}

const BLANKS = /[ \t\r\n]*/y;
const STRING = /"(?:[^"\\\0-\x1f]|\\(?:["\\/bfnrt]|u[\da-fA-F]{4}))*"/y;
const SCALAR = /(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])/y;
/** What is shown of something unexpected. */
const UNEXPECTED = /[\p{L}\p{N}_$.+-]+|./suy;

/** What may come next. */
type Expected = "value" | "value or ]" | "key" | "key or }" | ":" | "," | "end";

/** A state machine, not recursion: nesting is the author's choice. */
class Scanner {
  readonly entries = new Map<string, Entry>();
  fault: YamlFault | null = null;
  readonly #json: string;
  readonly #open: ("{" | "[")[] = [];
  #at = 0;
  #expected: Expected = "value";
  /** The top-level entry that is being read. */
  #key: { readonly name: string; readonly offset: number; readonly length: number } | null = null;
  #valueStart = 0;
  #items: Written[] | null = null;
  #itemStart = 0;

  constructor(json: string) {
    this.#json = json;
  }

  scan(): void {
    this.#match(BLANKS);
    if (this.#json[this.#at] !== "{") this.#fail("{");
    while (this.fault === null) {
      this.#match(BLANKS);
      if (this.#expected === "end") {
        if (this.#at < this.#json.length) this.#fail("nothing");
        return;
      }
      this.#step();
    }
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#json)?.[0] ?? null;
    if (found !== null) this.#at += found.length;
    return found;
  }

  #step(): void {
    const sign = this.#json[this.#at] ?? "";
    const container = this.#open.at(-1);
    const mayClose = this.#expected === "," || this.#expected.includes("or");
    if ((sign === "}" || sign === "]") && mayClose && container === (sign === "}" ? "{" : "[")) this.#close();
    else if (this.#expected === "," || this.#expected === ":") this.#separator(sign);
    else if (this.#expected === "key" || this.#expected === "key or }") this.#readKey();
    else this.#readValue(sign);
  }

  #separator(sign: string): void {
    const isObject = this.#open.at(-1) === "{";
    if (sign !== this.#expected) {
      this.#fail(this.#expected === ":" ? ":" : `, or ${isObject ? "}" : "]"}`);
      return;
    }
    this.#at++;
    this.#expected = sign === ":" || !isObject ? "value" : "key";
  }

  #readKey(): void {
    const offset = this.#at;
    const found = this.#match(STRING);
    if (found === null) {
      this.#fail(this.#expected === "key" ? '"key"' : '"key" or }');
      return;
    }
    if (this.#open.length === 1) {
      const name = JSON.parse(found) as string;
      if (this.entries.has(name))
        this.fault = fault("yaml-duplicate-key", offset, { key: name }, found.length);
      this.#key = { name, offset, length: found.length };
    }
    this.#expected = ":";
  }

  #readValue(sign: string): void {
    const depth = this.#open.length;
    if (depth === 1) this.#valueStart = this.#at;
    if (depth === 2) this.#itemStart = this.#at;
    if (sign === "{" || sign === "[") {
      this.#at++;
      if (depth === 1) this.#items = sign === "[" ? [] : null;
      this.#open.push(sign);
      this.#expected = sign === "{" ? "key or }" : "value or ]";
      return;
    }
    const scalar = this.#match(SCALAR);
    if (scalar === null && this.#match(STRING) === null) this.#fail("a value");
    else this.#end(scalar);
  }

  #close(): void {
    this.#at++;
    this.#open.pop();
    if (this.#open.length === 0) this.#expected = "end";
    else this.#end(null);
  }

  /** A value has ended. @param text A number or boolean as written. */
  #end(text: string | null): void {
    this.#expected = ",";
    if (this.#open.length === 2 && this.#open[1] === "[") {
      this.#items?.push({ offset: this.#itemStart, length: this.#at - this.#itemStart, text });
    }
    if (this.#open.length !== 1 || this.#key === null) return;
    const { name, ...key } = this.#key;
    const value = { offset: this.#valueStart, length: this.#at - this.#valueStart, text };
    this.entries.set(name, { key, value, items: this.#items });
    this.#items = null;
  }

  #fail(expected: string): void {
    UNEXPECTED.lastIndex = this.#at;
    const found = UNEXPECTED.exec(this.#json)?.[0] ?? "";
    const shown = found.trim() === "" ? "the end of the line" : found.slice(0, 40);
    this.fault = fault("json-syntax", this.#at, { found: shown, expected }, Math.max(found.length, 1));
  }
}

function scan(json: string): Scanner {
  const scanner = new Scanner(json);
  scanner.scan();
  return scanner;
}
