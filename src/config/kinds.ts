/** Kinds of values that keys of the configuration and options of the command line take. */

import type { KeySource, LinkPlace, SecretReference, StandardSchemaV1 } from "../index.ts";
import { nearest } from "../messages/nearest.ts";
import { withoutCredentials } from "../messages/redact.ts";
import type { Phrase, UsageWords } from "../messages/words.ts";
import { type Address, type Endpoint, parseEndpoint, parseHostName, parseListen } from "./endpoint.ts";
import { DURATION_MS_MAX, formatDuration, parseDuration, parseSize } from "./units.ts";

/** A value as the program wants it; or what would have been allowed, null where the kind's own words say it. */
export type Reading<Output> = { readonly value: Output } | { readonly allowed: Phrase | null };

/** What a key or an option takes. */
export interface Kind<Output> {
  /** For messages, and for the table of keys. */
  readonly allowed: Phrase;
  /** All of its words, where there are few. */
  readonly choices?: readonly string[];
  read(value: unknown): Reading<Output>;
}

/** The value is not of the kind. */
const NOT_TAKEN: Reading<never> = { allowed: null };

type Allowed = UsageWords["allowed"];
/** Entries of the catalogue without parameters. */
type Said = { [Name in keyof Allowed]: Allowed[Name] extends string ? Name : never }[keyof Allowed];

/** A kind whose values are right or wrong, with no more to say about them. */
function kind<Output>(said: Said, isRight: (value: unknown) => boolean): Kind<Output> {
  return {
    allowed: ({ allowed }) => allowed[said],
    read: (value) => (isRight(value) ? { value: value as Output } : NOT_TAKEN),
  };
}

/** Text that is not empty. */
function text(said: Said, isRight: (value: string) => boolean): Kind<string> {
  return kind(said, (value) => typeof value === "string" && value !== "" && isRight(value));
}

/** One of a few words, or of `true` and `false`. */
export function oneOf<const Choice extends string | boolean>(...choices: readonly Choice[]): Kind<Choice> {
  const all = choices.map((choice) => JSON.stringify(choice)).join(", ");
  const words = choices.filter((choice) => typeof choice === "string");
  return {
    allowed: ({ allowed }) => allowed.choice(all, null),
    choices: words,
    read(found) {
      const value = choices.find((choice) => choice === found);
      if (value !== undefined) return { value };
      const near = typeof found === "string" ? nearest(found, words) : null;
      return { allowed: ({ allowed }) => allowed.choice(all, near) };
    },
  };
}

/** Milliseconds from a duration. */
export function duration(msMin: number): Kind<number> {
  const most = `${Math.floor(DURATION_MS_MAX / 86_400_000)}d`;
  return measure(
    ({ allowed }) => allowed.duration(formatDuration(msMin), most),
    parseDuration,
    msMin,
    DURATION_MS_MAX,
  );
}

/** Bytes from a size. */
export function size(bytesMin: number, bytesMax: number): Kind<number> {
  return measure(({ allowed }) => allowed.size(bytesMin, bytesMax), parseSize, bytesMin, bytesMax);
}

function measure(
  allowed: Phrase,
  parse: (value: unknown) => number | null,
  min: number,
  max: number,
): Kind<number> {
  return {
    allowed,
    read(found) {
      const value = parse(found);
      // NaN is within no bounds.
      return value !== null && value >= min && value <= max ? { value } : NOT_TAKEN;
    },
  };
}

/** A number within bounds. */
export function number(min: number, max: number, isWhole: boolean): Kind<number> {
  const parse = (value: unknown): number | null =>
    typeof value === "number" && (!isWhole || Number.isInteger(value)) ? value : null;
  return measure(({ allowed }) => allowed.number(min, max, isWhole), parse, min, max);
}

/** A function of the user's. */
export const hook = <Call>(said: "attributes" | "map"): Kind<Call> =>
  kind(said, (value) => typeof value === "function");

/** Name that goes into a file name and a header. */
export const owner = text("owner", (value) => /^[A-Za-z0-9][\w.-]{0,63}$/.test(value));

/** A revision as Git understands it. */
export const ref = text("ref", (value) => !/^-|[\s\p{Cc}:]/u.test(value));

export const path = text("path", (value) => !value.includes("\0"));

export const timezone = text("timezone", (value) => {
  // The default is not looked up: the first look loads the runtime's tables of zones, for 15 to 40 ms.
  if (value === "UTC") return true;
  try {
    new Intl.DateTimeFormat("en", { timeZone: value });
    return true;
  } catch {
    return false;
  }
});

export const include = globs(({ allowed }) => allowed.include, 1);
export const exclude = globs(({ allowed }) => allowed.exclude, 0);

function globs(all: Phrase, lengthMin: number): Kind<readonly string[]> {
  return {
    allowed: all,
    read(found) {
      if (!Array.isArray(found) || found.length < lengthMin) return NOT_TAKEN;
      for (const [index, glob] of found.entries()) {
        if (typeof glob !== "string" || glob.trim() === "") {
          return { allowed: (words) => words.allowed.item(all(words), index + 1) };
        }
        if (glob.startsWith("!")) return { allowed: ({ allowed }) => allowed.noNegation(glob.slice(1)) };
        if (/^(\/|\.\.?\/)/.test(glob)) return { allowed: ({ allowed }) => allowed.noLeadingSlash(glob) };
      }
      return { value: found };
    },
  };
}

/** Names of presets. */
export const preset = oneOf(
  "hugo",
  "jekyll",
  "zenn",
  "qiita",
  "hexo",
  "docusaurus",
  "astro",
  "eleventy",
  "nextra",
  "obsidian",
  "plain",
);

/** Names of keys in front matter. */
export const keyNames = kind<readonly string[]>(
  "keyNames",
  (value) => Array.isArray(value) && value.every((name) => typeof name === "string" && name.trim() !== ""),
);

/** Where a field comes from. */
export const keySources = kind<readonly KeySource[]>(
  "keySources",
  (value) => Array.isArray(value) && value.length > 0 && value.every(isKeySource),
);

function isKeySource(value: unknown): boolean {
  if (typeof value === "string") return value.trim() !== "";
  if (!isMap(value) || Object.keys(value).length !== 1) return false;
  const { literal, all } = value;
  if (Array.isArray(all))
    return all.length > 0 && all.every((name) => typeof name === "string" && name !== "");
  const items: readonly unknown[] = Array.isArray(literal) ? literal : [literal];
  return items.every((item) => ["string", "number", "boolean"].includes(typeof item));
}

/** Where links lead. A place that is the same for all files is a slip. */
export const linkPlace = kind<LinkPlace>(
  "linkPlace",
  (value) =>
    typeof value === "function" ||
    (typeof value === "string" &&
      /\{(?:path|name)\}/.test(value) &&
      /^(?:https?:\/\/|\/|\.|\{)/.test(value) &&
      !/[\p{Cc}"<>]|\{(?!(?:path|dir|name)\})/u.test(value)),
);

/** `inserter.url`, credentials apart. */
export const inserterUrl: Kind<Endpoint> = {
  allowed: ({ allowed }) => allowed.url,
  read(value) {
    if (typeof value !== "string") return NOT_TAKEN;
    const endpoint = parseEndpoint(value);
    if (endpoint !== null) return { value: endpoint };
    const hasQuery = /[?#]/.test(value) && parseEndpoint(value.replace(/[?#].*$/, "")) !== null;
    return hasQuery ? { allowed: ({ allowed }) => allowed.urlWithoutQuery } : NOT_TAKEN;
  },
};

/** URLs of the nodes of one Elasticsearch or OpenSearch, credentials apart: one, or a list. */
export const storeUrls: Kind<{ readonly urls: readonly string[]; readonly basic: string | null }> = {
  allowed: ({ allowed }) => allowed.storeUrls,
  read(value) {
    const list: readonly unknown[] = Array.isArray(value) ? value : [value];
    const nodes = list.map((one) =>
      typeof one === "string" && one !== "embedded" ? parseEndpoint(one) : null,
    );
    if (nodes.length === 0 || !nodes.every((node) => node !== null)) return NOT_TAKEN;
    const basic = nodes.find((node) => node.basic !== null)?.basic ?? null;
    return { value: { urls: [...new Set(nodes.map(({ url }) => url))], basic } };
  },
};

/** A name that an alias may have, with room for what the names of its indices add. */
export const indexName = text("indexName", (value) => /^[a-z0-9][a-z0-9._-]{0,199}$/.test(value));

export const secret = kind<SecretReference>("secret", isReference);

/** Names that the agent writes itself; two values of one would contradict each other. */
const OWN_HEADERS =
  /^(accept|connection|content-(encoding|length|type)|idempotency-key|if-none-match|sync-\w+|te|trailer|transfer-encoding|upgrade|user-agent)$/i;

export const headers: Kind<Readonly<Record<string, string | SecretReference>>> = {
  allowed: ({ allowed }) => allowed.headers,
  read(value) {
    if (!isMap(value)) return NOT_TAKEN;
    for (const [name, content] of Object.entries(value)) {
      if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) return { allowed: ({ allowed }) => allowed.headerName(name) };
      if (OWN_HEADERS.test(name)) return { allowed: ({ allowed }) => allowed.ownHeader(name) };
      const isText = typeof content === "string" && /^[\t\x20-\x7e\x80-\xff]*$/.test(content);
      if (!isText && !isReference(content)) return { allowed: ({ allowed }) => allowed.headerValue(name) };
    }
    return { value: value as Readonly<Record<string, string | SecretReference>> };
  },
};

export const batch = kind<"auto" | false | number>(
  "batch",
  (value) => value === "auto" || value === false || "value" in number(1, 10_000, true).read(value),
);

/** HOST:PORT. */
export const listen: Kind<Address> = {
  allowed: ({ allowed }) => allowed.listen,
  read(value) {
    const address = typeof value === "string" ? parseListen(value) : null;
    return address === null ? NOT_TAKEN : { value: address };
  },
};

/** Names that requests may have in `Host`, as browsers send them. */
export const hostNames: Kind<readonly string[]> = {
  allowed: ({ allowed }) => allowed.hostNames,
  read(value) {
    if (!Array.isArray(value)) return NOT_TAKEN;
    const names = value.map((name) => (typeof name === "string" ? parseHostName(name) : null));
    return names.every((name) => name !== null) ? { value: names } : NOT_TAKEN;
  },
};

export const status: Kind<(Address & { readonly allowedHosts: readonly string[] }) | null> = {
  allowed: ({ allowed }) => allowed.status,
  read(value) {
    if (value === false) return { value: null };
    if (!isMap(value)) return NOT_TAKEN;
    const { listen: address, allowedHosts = [], ...others } = value;
    if (Object.keys(others).length > 0) return NOT_TAKEN;
    const [read, hosts] = [listen.read(address), hostNames.read(allowedHosts)];
    if (!("value" in read)) return NOT_TAKEN;
    if (!("value" in hosts)) return { allowed: ({ allowed }) => `allowedHosts: ${allowed.hostNames}` };
    return { value: { ...read.value, allowedHosts: hosts.value } };
  },
};

export const standardSchema = kind<StandardSchemaV1>("standardSchema", (value) => {
  const hasProperties = typeof value === "function" || (typeof value === "object" && value !== null);
  if (!hasProperties || !("~standard" in value)) return false;
  const standard = value["~standard"] as { version?: unknown; validate?: unknown } | null;
  return standard?.version === 1 && typeof standard.validate === "function";
});

/** Text of a value for a message: short, and without credentials. */
export function shown(value: unknown): Phrase {
  if (typeof value === "function") return ({ key }) => key.aFunction;
  if (value instanceof Date) return ({ key }) => key.aDate;
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
  } catch {
    json = undefined;
  }
  const whole = withoutCredentials(json ?? String(value));
  return () => (whole.length > 80 ? `${whole.slice(0, 80)}…` : whole);
}

/** A map of keys; a list is none, though it is an object. */
export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isReference(value: unknown): value is SecretReference {
  if (!isMap(value) || Object.keys(value).length !== 1) return false;
  const { env, file } = value;
  if (typeof env === "string") return /^[A-Za-z_]\w*$/.test(env);
  return typeof file === "string" && file !== "" && !file.includes("\0");
}
