/** Calling the functions of the config file: late, failing and surprising ones cost their own article only. */
import type { ArticleSettings } from "../config/settings.ts";
import type { Article, Payload, RawArticle, StandardIssue, StandardResult } from "../index.ts";
import type { Outline } from "../markdown/renderer.ts";
import { kindOf } from "../messages/problems.ts";
import type { Issue } from "./problem.ts";

/** A hook's result, or what is wrong with it. */
export type HookResult<T> =
  | { readonly kind: "value"; readonly value: T }
  | { readonly kind: "issues"; readonly issues: readonly Issue[] };

type Hook<Name extends HookName> = NonNullable<ArticleSettings[Name]>;

/** The functions of the config file; null where there is none. */
export interface Hooks {
  readonly attributes: Hook<"attributes"> | null;
  readonly schema: Hook<"schema"> | null;
  readonly map: Hook<"map"> | null;
}

/** The hooks of these settings. */
export function hooksOf({ attributes, schema, map }: ArticleSettings): Hooks {
  return { attributes: attributes ?? null, schema: schema ?? null, map: map ?? null };
}

type HookName = "attributes" | "schema" | "map";

/** Time a hook has for one article. */
export const HOOK_TIME_MS = 10_000;
const MESSAGE_MAX = 500;

/** Attributes after `articles.attributes`. */
export async function callAttributes(
  hook: Hook<"attributes">,
  raw: RawArticle,
  timeMs: number,
): Promise<HookResult<Record<string, unknown>>> {
  return asObject("attributes", await call("attributes", () => hook(raw), timeMs));
}

/** Attributes after `articles.schema`: its output, or one issue for each of its own. */
export async function callSchema(
  schema: Hook<"schema">,
  attributes: Record<string, unknown>,
  timeMs: number,
): Promise<HookResult<Record<string, unknown>>> {
  const called = await call("schema", () => schema["~standard"].validate(attributes), timeMs);
  if (called.kind === "issues") return called;
  const result: StandardResult<unknown> | null | undefined = called.value;
  // Some libraries return a list that has `issues`.
  if (typeof result !== "object" || result === null) return asObject("schema", called);
  if (result.issues === undefined) return asObject("schema", { kind: "value", value: result.value });
  return { kind: "issues", issues: [...result.issues].map(schemaIssue) };
}

function schemaIssue({ message, path = [] }: StandardIssue): Issue {
  const steps = path.map((step) => (typeof step === "object" ? step.key : step));
  const [key, index] = steps;
  const words = short(String(message));
  if (typeof key !== "string") return { code: "schema-refuses", params: { message: words } };
  return {
    code: "schema-issue",
    params: { key: steps.map(String).join("."), message: words },
    key,
    ...(typeof index === "number" ? { index } : {}),
  };
}

/** Payload after `articles.map`; null for "not published". */
export async function callMap(
  hook: Hook<"map">,
  article: Article,
  timeMs: number,
): Promise<HookResult<Record<string, unknown> | null>> {
  const called = await call("map", () => hook(article), timeMs);
  return called.kind === "value" && called.value === null
    ? { kind: "value", value: null }
    : asObject("map", called);
}

/** The article that `map` is given: text, headings, links and images are computed when they are read. */
export function articleFor(
  payload: Payload,
  attributes: Record<string, unknown>,
  source: string,
  outline: () => Outline,
): Article {
  let computed: Outline | null = null;
  const once = (): Outline => {
    computed ??= outline();
    return computed;
  };
  return {
    payload,
    path: payload.path,
    attributes,
    source,
    get text() {
      return once().text;
    },
    get headings() {
      return once().headings;
    },
    get links() {
      return once().links.map(({ href, text }) => ({ href, text }));
    },
    get images() {
      return once().images.map(({ src, alt }) => ({ src, alt }));
    },
  };
}

async function call<T>(name: HookName, hook: () => T | Promise<T>, timeMs: number): Promise<HookResult<T>> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const called = hook();
    if (!isThenable(called)) return { kind: "value", value: called };
    const late = new Promise<HookResult<T>>((resolve) => {
      const issue: Issue = { code: "hook-late", params: { hook: name, seconds: timeMs / 1000 } };
      timer = setTimeout(() => resolve({ kind: "issues", issues: [issue] }), timeMs);
    });
    return await Promise.race([late, called.then((value): HookResult<T> => ({ kind: "value", value }))]);
  } catch (error) {
    const message = short(messageOf(error));
    return { kind: "issues", issues: [{ code: "hook-failed", params: { hook: name, message } }] };
  } finally {
    clearTimeout(timer);
  }
}

function isThenable<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

function asObject(name: HookName, result: HookResult<unknown>): HookResult<Record<string, unknown>> {
  if (result.kind === "issues") return result;
  const { value } = result;
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return { kind: "value", value: value as Record<string, unknown> };
  const issue: Issue = { code: "hook-result", params: { hook: name, found: kindOf(value) } };
  return { kind: "issues", issues: [issue] };
}

/** Anything can be thrown, even what has no text. */
function messageOf(error: unknown): string {
  if (error instanceof Error) return String(error.message);
  return typeof error === "object" ? kindOf(error) : String(error);
}

function short(message: string): string {
  return message.slice(0, MESSAGE_MAX).toWellFormed();
}
