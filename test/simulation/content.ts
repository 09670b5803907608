import type { BlobId, FileMode, ParsedFile, Verdict } from "../../src/sync/model.ts";
import type { Content } from "../../src/sync/ports.ts";

/** What a path of a simulated tree holds. Equal contents have equal blobs, as in Git. */
export interface Node {
  readonly blob: BlobId;
  readonly mode: FileMode;
}

/**
 * A tiny article. `good`: published. `bad`: malformed, its id can be read. `junk`: malformed beyond
 * that. `slow`: rendered only with patience. `stuck`: never. `plain`: no article.
 */
export type Kind = "good" | "draft" | "unmapped" | "bad" | "junk" | "slow" | "stuck" | "plain";

export interface Text {
  readonly kind: Kind;
  readonly id: string;
  /** Makes one edit differ from another. */
  readonly edit: number;
  /** Epoch milliseconds; null for an article without a date to wait for. */
  readonly dateMs: number | null;
  /** Epoch milliseconds from which on it is not published any more; null for an article that stays. */
  readonly expiresMs: number | null;
}

export function write({ kind, id, edit, dateMs, expiresMs }: Text): Node {
  return { blob: `${kind}|${id}|${edit}|${dateMs ?? ""}|${expiresMs ?? ""}`, mode: "file" };
}

const texts = new Map<BlobId, Text>();
/** Blobs remembered; a history has hardly a hundred. */
const TEXTS_MAX = 10_000;

export function read(blob: BlobId): Text {
  let text = texts.get(blob);
  if (text === undefined) {
    if (texts.size >= TEXTS_MAX) texts.clear();
    text = parse(blob);
    texts.set(blob, text);
  }
  return text;
}

function parse(blob: BlobId): Text {
  const [kind, id = "", edit, ...times] = blob.split("|");
  const [dateMs = null, expiresMs = null] = times.map((time) => (time === "" ? null : Number(time)));
  return { kind: kind as Kind, id, edit: Number(edit), dateMs, expiresMs };
}

/** One configuration: what makes payloads differ, and what is published at all. */
export interface Config {
  readonly name: string;
  readonly selects: (path: string) => boolean;
  /** Whether a payload names its path, so that a move is a change. */
  readonly withPath: boolean;
  readonly future: "publish" | "schedule";
  readonly idOf: (id: string) => string;
  readonly publishesUnmapped: boolean;
}

const PLAIN: Config = {
  name: "plain",
  selects: () => true,
  withPath: true,
  future: "schedule",
  idOf: (id) => id,
  publishesUnmapped: false,
};

/** All that a history may switch between. */
export const CONFIGS: readonly Config[] = [
  PLAIN,
  { ...PLAIN, name: "pathless", withPath: false },
  { ...PLAIN, name: "narrow", selects: (path) => !path.startsWith("b") },
  { ...PLAIN, name: "renaming", idOf: (id) => `new-${id}` },
  { ...PLAIN, name: "hasty", future: "publish", withPath: false },
  { ...PLAIN, name: "open", publishesUnmapped: true },
];

/** Patience above which a slow article is rendered. */
const ENOUGH_PATIENCE = 5;

/** Article contents to verdicts and bodies: a pure parser, and the register of all bodies ever made. */
export class Parser {
  readonly #bodies = new Map<string, Uint8Array>();
  /** By configuration, blob and path. */
  readonly #verdicts = new Map<Config, Map<BlobId, Map<string, Verdict>>>();

  /** What a file is once it has all the time it needs. */
  verdict(config: Config, path: string, { blob, mode }: Node): Verdict {
    if (mode !== "file") return { kind: "none", why: mode };
    const byPath = made(made(this.#verdicts, config), blob);
    let verdict = byPath.get(path);
    if (verdict === undefined) {
      verdict = judge(config, path, blob);
      byPath.set(path, verdict);
    }
    return verdict;
  }

  /** What the program under test is given. */
  parse(config: Config, path: string, blob: BlobId, content: Content, patience: number): ParsedFile {
    if (content.kind !== "bytes") return { verdict: missing(), body: null };
    const verdict = this.verdict(config, path, { blob, mode: "file" });
    if (verdict.kind !== "article") return { verdict, body: null };
    const { kind, id } = read(blob);
    if (kind === "slow" && patience < ENOUGH_PATIENCE) {
      return { verdict: { kind: "held", id: config.idOf(id), reason: "slow" }, body: null };
    }
    return { verdict, body: this.body(verdict.digest) };
  }

  /** The one body with this digest. */
  body(digest: string): Uint8Array {
    let body = this.#bodies.get(digest);
    if (body === undefined) {
      body = new Uint8Array(20 + (digest.length % 7) * 10);
      this.#bodies.set(digest, body);
    }
    return body;
  }
}

/** The map under a key, made when there is none. */
function made<K, L, V>(map: Map<K, Map<L, V>>, key: K): Map<L, V> {
  let inner = map.get(key);
  if (inner === undefined) {
    inner = new Map();
    map.set(key, inner);
  }
  return inner;
}

function missing(): Verdict {
  const problem = {
    code: "missing-blob",
    severity: "error",
    line: 1,
    column: 1,
    length: 1,
    params: {},
  } as const;
  return { kind: "rejected", id: null, problems: [problem] };
}

function judge(config: Config, path: string, blob: BlobId): Verdict {
  const { kind, id: written, edit, dateMs, expiresMs } = read(blob);
  const id = config.idOf(written);
  switch (kind) {
    case "plain":
      return { kind: "none", why: "no-front-matter" };
    case "junk":
      return { kind: "rejected", id: null, problems: [] };
    case "bad":
      return { kind: "rejected", id, problems: [] };
    case "draft":
      return { kind: "withdrawn", id, why: "draft" };
    case "stuck":
      return { kind: "held", id, reason: "stuck" };
    case "unmapped":
      if (!config.publishesUnmapped) return { kind: "withdrawn", id, why: "mapped-null" };
  }
  const digest = `${id}~${edit}~${dateMs ?? ""}~${config.withPath ? path : ""}~${config.name === "open" ? "o" : ""}`;
  const publishAtMs = config.future === "schedule" ? dateMs : null;
  return { kind: "article", id, digest, publishAtMs, expiresAtMs: expiresMs };
}

/** The id that a digest was made for. */
export function idOfDigest(digest: string): string {
  return digest.slice(0, digest.indexOf("~"));
}
