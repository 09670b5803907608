/** One file, from its bytes to what it is: the steps of an examination in their order. */
import type { ArticleSettings } from "../config/settings.ts";
import type { Payload } from "../index.ts";
import type { Outline } from "../markdown/renderer.ts";
import { type Code, kindOf, sentence } from "../messages/problems.ts";
import type { Problem, Verdict } from "../sync/model.ts";
import type { Content } from "../sync/ports.ts";
import type { Zone } from "./date.ts";
import { decode } from "./decode.ts";
import { type Executor, NotInline, YAML_MS } from "./executor.ts";
import { allFaults } from "./faults.ts";
import { split } from "./fence.ts";
import { type AsWritten, type Fields, type Issue, readFields } from "./fields.ts";
import { type FindEntries, FrontMatter } from "./frontmatter.ts";
import { articleFor, callAttributes, callMap, callSchema, type HookResult, type Hooks } from "./hooks.ts";
import { unsafeId } from "./id.ts";
import { defaultPayload, findUnfit, type Sealed, seal } from "./payload.ts";
import { problemAt } from "./position.ts";

/** What an examination works with. */
export interface Workshop {
  readonly settings: Pick<ArticleSettings, "html" | "future" | "maxSizeBytes">;
  readonly hooks: Hooks;
  readonly zone: Zone;
  readonly renderer: Executor;
  readonly hookTimeMs: number;
}

/** How one file is to be examined. */
export interface Request {
  readonly path: string;
  readonly content: Content;
  /** Factor on the time allowed for rendering. */
  readonly patience: number;
  /** Whether the outline is wanted, also when no hook asks for it. */
  readonly isDetailed: boolean;
}

/** What was found out, as far as the examination came. */
export interface Findings {
  readonly verdict: Verdict;
  /** Request body, for an article. */
  readonly body: Uint8Array | null;
  /** The file as text without byte order mark. */
  readonly source: string | null;
  readonly front: FrontMatter | null;
  /** Front matter as the hook `attributes` returned it; null without one. */
  readonly translated: Readonly<Record<string, unknown>> | null;
  /** Front matter as validated. */
  readonly attributes: Readonly<Record<string, unknown>> | null;
  readonly fields: Fields | null;
  readonly payload: Readonly<Record<string, unknown>> | null;
  /** Where the body begins in `source`. */
  readonly bodyStart: number;
  readonly outline: (() => Outline) | null;
}

/** What is known of a file while it is being examined. */
type Known = Omit<Findings, "verdict" | "body">;

/** The id is looked for at the beginning of a file only, UTF-16 code units. */
const READABLE_MAX = 64 * 1024;
const tooSlow: Issue = { code: "front-matter-too-slow", params: { seconds: YAML_MS / 1000 } };
const NOTHING: Known = {
  source: null,
  front: null,
  translated: null,
  attributes: null,
  fields: null,
  payload: null,
  bodyStart: 0,
  outline: null,
};

/** Front matter that passed the built-in validation, the hook `attributes` and the schema. */
interface Valid {
  readonly fields: Fields;
  readonly attributes: Record<string, unknown>;
}

/**
 * Examines one file. Whatever it contains and whatever its hooks do, the result is a verdict.
 *
 * @throws {NotInline} When its renderer does.
 */
export async function study(workshop: Workshop, request: Request): Promise<Findings> {
  try {
    return await studyFile(workshop, request);
  } catch (error) {
    if (error instanceof NotInline) throw error;
    // One file that trips us up must not stop all others.
    const message = error instanceof Error ? error.message : String(error);
    return wholeFile("examination-failed", { message });
  }
}

async function studyFile(workshop: Workshop, request: Request): Promise<Findings> {
  const { content } = request;
  if (content.kind === "missing") return wholeFile("missing-blob", {});
  const sizeBytes = content.kind === "bytes" ? content.bytes.length : content.sizeBytes;
  const maxBytes = workshop.settings.maxSizeBytes;
  if (content.kind === "too-large" || sizeBytes > maxBytes)
    return wholeFile("too-large", { sizeBytes, maxBytes });
  const decoded = decode(content.bytes);
  if (decoded.kind === "none") return { ...NOTHING, verdict: decoded, body: null };
  const { text } = decoded;
  const known = { ...NOTHING, source: text };
  if (decoded.kind === "fault") {
    const problem = problemAt(text, { offset: decoded.offset, length: 1 }, decoded.code);
    return rejected(known, readableId(text), [problem]);
  }
  const block = split(text);
  if (block.kind === "none")
    return { ...known, verdict: { kind: "none", why: "no-front-matter" }, body: null };
  if (block.kind === "unclosed") {
    const problem = problemAt(text, { offset: 0, length: 3 }, "unclosed-front-matter");
    return rejected(known, readableId(text), [problem]);
  }
  const yaml = await workshop.renderer.parseYaml(text.slice(block.yamlStart, block.yamlEnd));
  if (yaml.kind === "fault") {
    const { renderer, hooks, zone } = workshop;
    const judged = hooks.attributes === null ? zone : null;
    return rejected(known, readableId(text), await allFaults(renderer, text, block, yaml, judged));
  }
  const find: FindEntries = (source) => workshop.renderer.findEntries(source);
  const front = new FrontMatter(text, block, yaml.attributes, find);
  return studyArticle(workshop, request, { ...known, front, bodyStart: block.bodyStart }, front, text);
}

async function studyArticle(
  workshop: Workshop,
  request: Request,
  decoded: Known,
  front: FrontMatter,
  source: string,
): Promise<Findings> {
  const { settings, hooks, zone, renderer, hookTimeMs } = workshop;
  const { path, patience, isDetailed } = request;
  const body = source.slice(decoded.bodyStart);
  let before = decoded;
  const reject = async (known: Known, id: string | null, issues: readonly Issue[]): Promise<Findings> =>
    rejected(known, id, await front.place(issues));

  if (!(await front.readWords(hooks.attributes !== null)))
    return reject(before, readableId(source), [tooSlow]);
  let attributes: Record<string, unknown> = { ...front.attributes };
  if (hooks.attributes !== null) {
    const made = await callAttributes(hooks.attributes, { path, attributes, body }, hookTimeMs);
    if (made.kind === "issues") return reject(before, readableId(source), made.issues);
    attributes = made.value;
    before = { ...before, translated: attributes };
  }
  const reading = readFields(attributes, front.asWritten, zone);
  if (reading.fields === null)
    return reject({ ...before, attributes }, reading.id, front.traced(reading.issues, attributes));
  const wantsOutline = isDetailed || hooks.map !== null;
  const isAskedFor = wantsOutline || hooks.schema !== null;
  const first: Valid = {
    fields: reading.fields,
    attributes: isAskedFor ? validated(attributes, reading.fields) : attributes,
  };
  if (first.fields.draft) return withdrawn({ ...before, ...first }, first.fields.id, "draft");

  const valid = await applySchema(workshop, first, front.asWritten);
  if (valid.kind === "issues") return reject({ ...before, ...first }, first.fields.id, valid.issues);
  const { fields } = valid.value;
  const known: Known = { ...before, ...valid.value };
  if (fields.draft) return withdrawn(known, fields.id, "draft");

  const wanted = { html: settings.html, outline: wantsOutline };
  const rendered =
    settings.html === false && !wantsOutline
      ? ({ kind: "rendered", html: null, outline: null } as const)
      : await renderer.render(body, wanted, patience);
  if (rendered.kind === "too-slow") {
    const reason = sentence("render-too-slow", { seconds: rendered.seconds }, "en").message;
    return { ...known, verdict: { kind: "held", id: fields.id, reason }, body: null };
  }
  if (rendered.kind === "refused") {
    const stretch = { offset: known.bodyStart, length: 1 };
    return rejected(known, fields.id, [problemAt(source, stretch, rendered.code, rendered.params)]);
  }

  const payload = defaultPayload(path, fields, body, rendered.html);
  const mapped = await applyMap(workshop, payload, valid.value.attributes, source, rendered.outline);
  if (mapped.kind === "issues") return reject(known, fields.id, mapped.issues);
  if (mapped.value === null) return withdrawn(known, fields.id, "mapped-null");
  const { id, sealed } = mapped.value;
  const publishAtMs = settings.future === "schedule" ? fields.dateMs : null;
  return {
    ...known,
    payload: mapped.value.payload,
    outline: rendered.outline,
    verdict: { kind: "article", id, digest: sealed.digest, publishAtMs },
    body: sealed.body,
  };
}

/** Issues told of the keys that stand in the file, where a hook made others out of them. */
export function traced(issues: readonly Issue[], { front, translated }: Findings): readonly Issue[] {
  return front === null || translated === null ? issues : front.traced(issues, translated);
}

/** The schema's output replaces the attributes; known keys in it are read like those of the file. */
async function applySchema(
  { hooks, zone, hookTimeMs }: Workshop,
  first: Valid,
  asWritten: AsWritten,
): Promise<HookResult<Valid>> {
  if (hooks.schema === null) return { kind: "value", value: first };
  const output = await callSchema(hooks.schema, { ...first.attributes }, hookTimeMs);
  if (output.kind === "issues") return output;
  // A schema that knows only some keys must not take away the others from the payload.
  const again = readFields({ ...first.attributes, ...output.value }, asWritten, zone);
  if (again.fields === null) return { kind: "issues", issues: again.issues };
  return { kind: "value", value: { fields: again.fields, attributes: output.value } };
}

/** The payload after `map`, with its id and its bytes; null for "not published". */
async function applyMap(
  { hooks, hookTimeMs }: Workshop,
  payload: Payload,
  attributes: Record<string, unknown>,
  source: string,
  outline: (() => Outline) | null,
): Promise<HookResult<{ id: string; payload: Record<string, unknown>; sealed: Sealed } | null>> {
  const issue = (one: Issue): { kind: "issues"; issues: Issue[] } => ({ kind: "issues", issues: [one] });
  if (hooks.map === null || outline === null) {
    return { kind: "value", value: { id: payload.id, payload: { ...payload }, sealed: seal(payload) } };
  }
  const article = articleFor(payload, attributes, source, outline);
  const mapped = await callMap(hooks.map, article, hookTimeMs);
  if (mapped.kind === "issues") return mapped;
  if (mapped.value === null) return { kind: "value", value: null };
  try {
    const unfit = findUnfit(mapped.value);
    if (unfit !== null) return issue(unfit);
    const { id } = mapped.value;
    if (typeof id !== "string") return issue({ code: "map-id", params: { found: kindOf(id) } });
    if (id.trim() === "") return issue({ code: "empty-key", params: { key: "id" } });
    const unsafe = unsafeId(id);
    if (unsafe !== null) return issue(unsafe);
    return { kind: "value", value: { id, payload: mapped.value, sealed: seal(mapped.value) } };
  } catch (error) {
    // Getters and toJSON of the user's objects run only now.
    const message = error instanceof Error ? error.message : "it cannot be read";
    return issue({ code: "hook-failed", params: { hook: "map", message } });
  }
}

/** Front matter with its known keys as they were understood; those that are absent stay absent. */
function validated(attributes: Record<string, unknown>, fields: Fields): Record<string, unknown> {
  const { dateMs, updatedMs, tags, ...others } = fields;
  const understood: Record<string, unknown> = {
    ...others,
    tags: [...tags],
    date: new Date(dateMs).toISOString(),
    updated: updatedMs === null ? null : new Date(updatedMs).toISOString(),
  };
  const all: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(attributes)) {
    const isKnown = Object.hasOwn(understood, key);
    if (isKnown && (value === null || value === undefined)) continue;
    // Defined, not set: a key may be called __proto__.
    const property = { value: isKnown ? understood[key] : value, configurable: true, enumerable: true };
    Object.defineProperty(all, key, { ...property, writable: true });
  }
  return all;
}

/** An id that can still be made out in a broken file, for whoever guards its last good version. */
function readableId(text: string): string | null {
  const line = /^id[ \t]*:[ \t]+([^\n]*)$/m.exec(text.slice(0, READABLE_MAX))?.[1]?.trimEnd() ?? "";
  const quoted = /^(["'])([^"'\\]*)\1/.exec(line)?.[2];
  const id = quoted ?? (/^[^"'#&*!|>[{%@`]/.test(line) ? line.replace(/[ \t]#.*$/, "").trimEnd() : "");
  return id.trim() === "" || unsafeId(id) !== null ? null : id;
}

function wholeFile(code: Code, params: Problem["params"]): Findings {
  return rejected(NOTHING, null, [problemAt("", { offset: 0, length: 1 }, code, params)]);
}

function rejected(known: Known, id: string | null, problems: readonly Problem[]): Findings {
  return { ...known, verdict: { kind: "rejected", id, problems }, body: null };
}

function withdrawn(known: Known, id: string, why: "draft" | "mapped-null"): Findings {
  return { ...known, verdict: { kind: "withdrawn", id, why }, body: null };
}
