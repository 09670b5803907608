/** Kinds of values that only one or two keys take: globs, URLs, secrets, time zones, hooks. */
import type { SecretReference } from "../index.ts";
import { withoutCredentials } from "../messages/redact.ts";
import { parseEndpoint, parseListen } from "./endpoint.ts";
import type { ArticleSettings } from "./settings.ts";
import { type Kind, list, notTaken, text } from "./values.ts";

/** Name that goes into a file name and a header. */
export const owner = text(
  'a name of at most 64 letters, digits, ".", "_", "-", beginning with a letter or digit',
  (value) => /^[A-Za-z0-9][\w.-]{0,63}$/.test(value),
);

/** A revision as Git understands it. */
export const ref = text(
  'a branch, tag or commit like "HEAD", "main", "refs/tags/v1"',
  (value) => !/^-|[\s\p{Cc}:]/u.test(value),
);

export const path = text("a path", (value) => !value.includes("\0"));

/** `""` and blanks are no IANA names, so an empty one is told like any other wrong one. */
export const timezone = text('an IANA time zone like "UTC" or "Asia/Tokyo"', (value) => {
  // The default is not looked up: the first look loads the runtime's tables of zones, for 15 to 40 ms.
  if (value === "UTC") return true;
  try {
    new Intl.DateTimeFormat("en", { timeZone: value });
    return true;
  } catch {
    return false;
  }
});

const glob: Kind<string> = {
  allowed: "a glob",
  read(value) {
    if (typeof value !== "string" || value.trim() === "") return notTaken;
    const shown = JSON.stringify(value);
    if (value.startsWith("!")) {
      return { allowed: `globs without "!"; write ${JSON.stringify(value.slice(1))} into articles.exclude` };
    }
    if (/^(\/|\.\.?\/)/.test(value)) {
      return {
        allowed: `globs on paths in the repository, without a leading "/", "./" or "../" as in ${shown}`,
      };
    }
    return { value };
  },
};

export const include = list('a list of globs like ["**/*.md"], at least one', glob, 1);
export const exclude = list('a list of globs like ["**/README.md"]', glob, 0);

export const inserterUrl: Kind<string> = {
  allowed: 'a URL like "http://localhost:8081/post", or "embedded"',
  read(value) {
    if (typeof value !== "string") return notTaken;
    const endpoint = parseEndpoint(value);
    return "problem" in endpoint ? { allowed: endpoint.problem } : { value };
  },
};

export const secret: Kind<SecretReference> = {
  allowed: '{ env: "NAME" } or { file: "/path" }, never the secret itself',
  read(value) {
    const reference = readReference(value);
    return reference === null ? notTaken : { value: reference };
  },
};

/** Names that the agent writes itself; two values of one would contradict each other. */
const ownHeaders =
  /^(accept|connection|content-(encoding|length|type)|idempotency-key|if-none-match|sync-\w+|te|trailer|transfer-encoding|upgrade|user-agent)$/i;

export const headers: Kind<Readonly<Record<string, string | SecretReference>>> = {
  allowed: 'a map of header names to texts, or to { env: "NAME" } or { file: "/path" }',
  read(value) {
    if (!isPlain(value)) return notTaken;
    for (const [name, content] of Object.entries(value)) {
      const shown = JSON.stringify(name);
      if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name))
        return { allowed: `header names of letters, digits and "-", unlike ${shown}` };
      if (ownHeaders.test(name))
        return { allowed: `headers that the agent does not set itself, unlike ${shown}` };
      const isText = typeof content === "string" && /^[\t\x20-\x7e\x80-\xff]*$/.test(content);
      if (!isText && readReference(content) === null) {
        return { allowed: `one line of text, { env: "NAME" } or { file: "/path" } for ${shown}` };
      }
    }
    return { value: value as Readonly<Record<string, string | SecretReference>> };
  },
};

export const batch: Kind<"auto" | false | number> = {
  allowed: '"auto", false, or a whole number from 1 to 10000',
  read: (value) =>
    value === "auto" || value === false ? { value } : isWhole(value, 1, 10_000) ? { value } : notTaken,
};

export const status: Kind<{ readonly host: string; readonly port: number } | null> = {
  allowed: 'false, or { listen: "HOST:PORT" } like { listen: "0.0.0.0:9300" }',
  read(value) {
    if (value === false) return { value: null };
    if (!isPlain(value) || Object.keys(value).length !== 1 || typeof value["listen"] !== "string")
      return notTaken;
    const listen = parseListen(value["listen"]);
    return "problem" in listen ? notTaken : { value: listen };
  },
};

export const standardSchema: Kind<NonNullable<ArticleSettings["schema"]>> = {
  allowed: "a Standard Schema (zod, valibot, arktype ...)",
  read(value) {
    const hasProperties = typeof value === "function" || (typeof value === "object" && value !== null);
    if (!hasProperties || !("~standard" in value)) return notTaken;
    const standard = value["~standard"] as { version?: unknown; validate?: unknown } | null;
    return standard?.version === 1 && typeof standard.validate === "function"
      ? { value: value as NonNullable<ArticleSettings["schema"]> }
      : notTaken;
  },
};

/** Text of a value for a message: short, and without credentials. */
export function shown(value: unknown): string {
  if (typeof value === "function") return "a function";
  if (value instanceof Date) return "a date";
  let json: string | undefined;
  try {
    json = JSON.stringify(value);
  } catch {
    json = undefined;
  }
  const whole = withoutCredentials(json ?? String(value));
  return whole.length > 80 ? `${whole.slice(0, 80)}…` : whole;
}

function readReference(value: unknown): SecretReference | null {
  if (!isPlain(value) || Object.keys(value).length !== 1) return null;
  const { env, file } = value;
  if (typeof env === "string" && /^[A-Za-z_]\w*$/.test(env)) return { env };
  return typeof file === "string" && file !== "" && !file.includes("\0") ? { file } : null;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const isWhole = (value: unknown, min: number, max: number): value is number =>
  Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
