/** One file, from its bytes to its verdict and payload: the steps of parsing in their order. */
import type { ArticleSettings } from "../config/settings.ts";
import type { Payload } from "../index.ts";
import type { Outline } from "../markdown/renderer.ts";
import { type Code, sentence } from "../messages/problems.ts";
import type { NoArticleReason, ParsedFile, Problem } from "../sync/model.ts";
import type { Content } from "../sync/ports.ts";
import type { Zone } from "./date.ts";
import { decode } from "./decode.ts";
import { type Executor, NotInline, YAML_MS } from "./executor.ts";
import type { FoundFields } from "./fields.ts";
import { type Block, split } from "./front-matter/fence.ts";
import { FrontMatter } from "./front-matter/front-matter.ts";
import { loadNotation } from "./front-matter/syntax.ts";
import { articleFor, callAttributes, callMap, callSchema, type HookResult, type Hooks } from "./hooks.ts";
import { placeLinks, replacesLinks } from "./links.ts";
import { withoutJsx } from "./mdx.ts";
import {
  defaultPayload,
  recordPayload,
  type Sealed,
  type SealedPayload,
  seal,
  sealMapped,
} from "./payload.ts";
import { type Issue, lineAt, problemAt } from "./problem.ts";
import { type Hidden, isDeciding, isTimed, later, type Publication } from "./publication.ts";
import { allProblems, readableId } from "./recovery.ts";
import { type Rules, understood } from "./rules.ts";
import { slipOf } from "./slip.ts";
import { type Fields, type Validation, validate, WORDED_KEYS, withFields } from "./validate.ts";

/** Front matter that is not there. */
const BARE: Block = { kind: "block", syntax: "yaml", yamlStart: 0, yamlEnd: 0, bodyStart: 0 };
/** So much of a file without front matter may show that it had some, UTF-16 code units and lines. */
const HEAD_MAX = 4_096;
const HEAD_LINES = 20;
const UNSEALED: Sealed = { body: new Uint8Array(), digest: "" };
const EMPTY_OUTLINE: Outline = { text: "", headings: [], links: [], images: [] };

/** What all files are parsed with. */
export interface ParseContext {
  readonly settings: Pick<ArticleSettings, "html" | "links" | "future" | "maxSizeBytes" | "format">;
  /** Whether payloads are made, and digests. */
  readonly areSealed: boolean;
  readonly rules: Rules;
  readonly hooks: Hooks;
  /** Of dates that have none. */
  readonly zone: Zone;
  readonly executor: Executor;
  /** Time that a hook has for one file, milliseconds. */
  readonly hookTimeMs: number;
}

export interface ParseRequest {
  readonly path: string;
  readonly content: Content;
  /** Factor on the time allowed for rendering; 0: what is not quick is held. */
  readonly patience: number;
}

/** What became of a file, and all that was learned as far as parsing came. */
export type Parsed = ParsedFile & Readonly<Details>;

interface Details {
  /** The file as text without byte order mark. */
  source: string | null;
  front: FrontMatter | null;
  /** Front matter as validated. */
  attributes: Readonly<Record<string, unknown>> | null;
  fields: Fields | null;
  /** Where the fields were found. */
  found: FoundFields;
  /** What is wrong with an article that is withdrawn all the same. */
  besides: readonly Problem[];
  payload: Readonly<Record<string, unknown>> | null;
  /** Where the body begins in `source`. */
  bodyStart: number;
  outline: (() => Outline) | null;
}

/** Front matter that passed the built-in validation, the hook `attributes` and the schema. */
interface Valid {
  readonly fields: Fields;
  readonly publication: Publication;
  readonly attributes: Record<string, unknown>;
}

/** The line that ends front matter, by the character that it begins with. */
const CLOSING: Readonly<Record<string, string>> = { "+": "+++", "{": "}" };

const NOTHING: Details = {
  source: null,
  front: null,
  attributes: null,
  fields: null,
  found: new Map(),
  besides: [],
  payload: null,
  bodyStart: 0,
  outline: null,
};

/**
 * Parses one file. Any file has a verdict, and so has one whose hooks fail.
 *
 * @throws {NotInline} When its executor does.
 */
export async function parseArticle(context: ParseContext, request: ParseRequest): Promise<ParsedFile> {
  const { verdict, body } = await parse(context, request, false);
  return { verdict, body };
}

/** As {@link parseArticle}, with all that was learned; of an article also the outline, which takes longer. */
export async function parseInDetail(context: ParseContext, request: ParseRequest): Promise<Parsed> {
  return parse(context, request, true);
}

async function parse(context: ParseContext, request: ParseRequest, isDetailed: boolean): Promise<Parsed> {
  const parser = new ArticleParser(context, request, isDetailed);
  try {
    const { verdict, body } = await parser.parse();
    return { ...parser.details, verdict, body };
  } catch (error) {
    if (error instanceof NotInline) throw error;
    // A bug that one file brings to light must not stop all others.
    const message = error instanceof Error ? error.message : String(error);
    return { ...NOTHING, ...rejectedWhole("examination-failed", { message }) };
  }
}

/** Takes one file through the steps. Each step ends in a verdict or calls the next. */
class ArticleParser {
  readonly details = { ...NOTHING };
  readonly #context: ParseContext;
  readonly #request: ParseRequest;
  /** Whether text, headings, links and images are wanted. */
  readonly #wantsOutline: boolean;

  constructor(context: ParseContext, request: ParseRequest, isDetailed: boolean) {
    this.#context = context;
    this.#request = request;
    this.#wantsOutline = isDetailed || context.hooks.map !== null;
  }

  /** From bytes to text. */
  async parse(): Promise<ParsedFile> {
    const { content } = this.#request;
    if (content.kind === "missing") return rejectedWhole("missing-blob", {});
    const sizeBytes = content.kind === "bytes" ? content.bytes.length : content.sizeBytes;
    const maxBytes = this.#context.settings.maxSizeBytes;
    if (content.kind === "too-large" || sizeBytes > maxBytes)
      return rejectedWhole("too-large", { sizeBytes, maxBytes });
    const { rules, settings } = this.#context;
    const isRecord = settings.format === "data";
    const decoded = decode(content.bytes, isRecord || rules.isBare || rules.isFenceOptional);
    if (decoded.kind === "none") return noArticle(content.bytes, decoded.why);
    const { text } = decoded;
    this.details.source = text;
    if (decoded.kind === "text") {
      return isRecord ? this.#readRecord(text) : this.#readFrontMatter(text, content.bytes);
    }
    const { code, offset, params } = decoded;
    const fix = params === undefined ? {} : { ...params, fix: lineAt(text, offset).lineText.trim() };
    return rejected(readableId(text), [problemAt(text, { offset, length: 1 }, code, fix)]);
  }

  /** From text to front matter and body. */
  async #readFrontMatter(text: string, bytes: Uint8Array): Promise<ParsedFile> {
    const { executor, hooks, zone, rules } = this.#context;
    const found = split(text, rules.isFenceOptional);
    const block = found.kind === "none" && rules.isBare && isBareText(text, bytes) ? BARE : found;
    if (block.kind === "none") return noArticle(bytes, "no-front-matter");
    if (block.kind === "unclosed")
      return rejected(readableId(text), [
        problemAt(text, { offset: 0, length: 3 }, "unclosed-front-matter", {
          fence: CLOSING[text[0] ?? ""] ?? "---",
        }),
      ]);
    const { patience } = this.#request;
    const written = text.slice(block.yamlStart, block.yamlEnd);
    const yaml =
      block === BARE
        ? ({ kind: "map", attributes: {} } as const)
        : await executor.parseYaml(written, block.syntax, patience);
    if (yaml.kind === "fault" && yaml.code === "front-matter-too-slow" && patience === 0)
      return heldForLater(readableId(text));
    if (yaml.kind === "fault") {
      const context = hooks.attributes === null ? { rules, zone, path: this.#request.path } : null;
      return rejected(readableId(text), await allProblems(executor, text, block, yaml, context));
    }
    const findEntries: Executor["findEntries"] = (source) => executor.findEntries(source, patience);
    const notation = await loadNotation(block.syntax);
    const front = new FrontMatter(text, block, yaml.attributes, { findEntries }, notation);
    this.details.front = front;
    this.details.bodyStart = block.bodyStart;
    return (await this.#readWords(front)) ?? this.#validate(front, text);
  }

  /** Finds the words of values that may have to be text. @returns A verdict if that takes too long. */
  async #readWords(front: FrontMatter): Promise<ParsedFile | null> {
    const { hooks, rules, settings } = this.#context;
    // A hook may make any key into any other.
    const isAny = hooks.attributes !== null || settings.format === "data";
    const isWorded = ([key, value]: [string, unknown]): boolean =>
      isAny || WORDED_KEYS.includes(key) || rules.names.has(key) || isTimed(key, value);
    const keys = Object.entries(front.attributes).flatMap((entry) => (isWorded(entry) ? [entry[0]] : []));
    if (await front.readWords(keys)) return null;
    if (this.#request.patience === 0) return heldForLater(readableId(this.details.source ?? ""));
    const tooSlow: Issue = { code: "front-matter-too-slow", params: { seconds: YAML_MS / 1000 } };
    return rejected(null, await front.place([tooSlow]));
  }

  /** A whole file as one record: YAML, JSON or TOML, by its name. */
  async #readRecord(text: string): Promise<ParsedFile> {
    const { executor, hooks } = this.#context;
    const block = recordIn(text, this.#request.path);
    const { patience } = this.#request;
    const parsed = await executor.parseYaml(text.slice(block.yamlStart), block.syntax, patience);
    if (parsed.kind === "fault" && parsed.code === "front-matter-too-slow" && patience === 0)
      return heldForLater(null);
    if (parsed.kind === "fault") {
      const stretch = { offset: block.yamlStart + parsed.offset, length: parsed.length };
      return rejected(null, [problemAt(text, stretch, parsed.code, parsed.params)]);
    }
    const front = new FrontMatter(text, block, parsed.attributes, executor, await loadNotation(block.syntax));
    this.details.front = front;
    this.details.bodyStart = text.length;
    const late = await this.#readWords(front);
    if (late !== null) return late;
    const attributes = await this.#translated(front, text);
    if (attributes.kind === "issues") return rejected(null, await front.place(attributes.issues));
    const { id, issues, publication } = this.#read(attributes.value, front, text);
    this.details.attributes = attributes.value;
    if (publication.hidden !== null && id !== null) {
      return this.#withdraw(id, publication.hidden, front, []);
    }
    const ofId = issues.filter(({ key }) => key === "id");
    if (id === null || publication.hidden !== null) {
      return rejected(id, await front.place(front.traced([...ofId, ...errorOf(publication.hidden)])));
    }
    const checked = hooks.schema === null ? attributes : await this.#schemaOutput(attributes.value);
    if (checked.kind === "issues") return rejected(id, await front.place(checked.issues));
    const payload = recordPayload(this.#request.path, id, checked.value);
    const mapped = await this.#applyMap(
      payload as unknown as Payload,
      attributes.value,
      text,
      () => EMPTY_OUTLINE,
    );
    return this.#verdict(mapped, { id, front, dateMs: null, publication });
  }

  async #schemaOutput(attributes: Record<string, unknown>): Promise<HookResult<Record<string, unknown>>> {
    const { hooks, hookTimeMs } = this.#context;
    return hooks.schema === null
      ? { kind: "value", value: attributes }
      : callSchema(hooks.schema, { ...attributes }, hookTimeMs);
  }

  /** Attributes after the preset's defaults and the hook. */
  async #translated(front: FrontMatter, source: string): Promise<HookResult<Record<string, unknown>>> {
    const { hooks, hookTimeMs, rules } = this.#context;
    const { path } = this.#request;
    const attributes = { ...rules.defaultsFor(path), ...front.attributes };
    if (hooks.attributes === null) return { kind: "value", value: attributes };
    const raw = { path, attributes, body: source.slice(this.details.bodyStart) };
    const made = await callAttributes(hooks.attributes, raw, hookTimeMs);
    if (made.kind === "value") front.translated = made.value;
    return made;
  }

  /** From front matter to valid fields. */
  async #validate(front: FrontMatter, source: string): Promise<ParsedFile> {
    const { hooks } = this.#context;
    const { details } = this;
    const translated = await this.#translated(front, source);
    if (translated.kind === "issues")
      return rejected(readableId(source), await front.place(translated.issues));
    const attributes = translated.value;
    const { fields, id, issues, publication, found } = this.#read(attributes, front, source);
    const areWanted = fields !== null && (this.#wantsOutline || hooks.schema !== null);
    details.attributes = areWanted ? withFields(attributes, fields, found) : attributes;
    details.fields = fields;
    details.found = found;
    const { hidden } = publication;
    if (hidden !== null && id !== null) return this.#withdraw(id, hidden, front, issues);
    if (fields === null)
      return rejected(id, await front.place(front.traced([...issues, ...errorOf(hidden)])));
    const valid = await this.#applySchema(
      { fields, attributes: details.attributes, publication },
      front,
      source,
    );
    if (valid.kind === "issues") return rejected(fields.id, await front.place(valid.issues));
    details.attributes = valid.value.attributes;
    details.fields = valid.value.fields;
    if (valid.value.fields.draft) return withdrawn(valid.value.fields.id, "draft");
    return this.#render(valid.value, front, source);
  }

  #read(
    attributes: Readonly<Record<string, unknown>>,
    { asWritten }: FrontMatter,
    source: string,
    rules = this.#context.rules,
  ): Validation {
    const { zone } = this.#context;
    const { path } = this.#request;
    const body = (): string => source.slice(this.details.bodyStart);
    return validate(attributes, { asWritten, zone, rules, path, body });
  }

  /** What is not public goes, whatever else is wrong with it: its last good version would stay public. */
  async #withdraw(
    id: string,
    { why, issue, severity }: Hidden,
    front: FrontMatter,
    issues: readonly Issue[],
  ): Promise<ParsedFile> {
    this.details.besides = await front.place(front.traced(issues));
    const [problem] = issue === null ? [] : await front.place(front.traced([issue]), severity);
    return withdrawn(id, why, problem);
  }

  /** The schema's output replaces the attributes; known keys in it are read like those of the file. */
  async #applySchema(first: Valid, front: FrontMatter, source: string): Promise<HookResult<Valid>> {
    const { hooks, hookTimeMs, rules } = this.#context;
    if (hooks.schema === null) return { kind: "value", value: first };
    const output = await callSchema(hooks.schema, { ...first.attributes }, hookTimeMs);
    if (output.kind === "issues") return output;
    // A schema that knows only some keys must not take away the others from the payload.
    const all = { ...first.attributes, ...output.value };
    const { fields, issues } = this.#read(all, front, source, understood(rules));
    if (fields === null) return { kind: "issues", issues };
    return { kind: "value", value: { ...first, fields, attributes: output.value } };
  }

  /** From fields and body to HTML, payload and verdict. */
  async #render(
    { fields, attributes, publication }: Valid,
    front: FrontMatter,
    source: string,
  ): Promise<ParsedFile> {
    const { settings, executor, hooks } = this.#context;
    const { path, patience } = this.#request;
    const body = source.slice(this.details.bodyStart);
    const markdown = /\.mdx$/i.test(path) ? withoutJsx(body) : body;
    const { html, links } = settings;
    const wanted = { html, outline: this.#wantsOutline, targets: replacesLinks(links) };
    // What nothing is made of must not decide, in a check, what becomes of the article.
    const isUnused = settings.html === false && hooks.map === null;
    const unrendered = { kind: "rendered", html: null, outline: null } as const;
    const result =
      isUnused && !wanted.outline ? unrendered : await executor.render(markdown, wanted, patience);
    const rendered = isUnused && result.kind !== "rendered" ? unrendered : result;
    if (rendered.kind === "too-slow" && patience === 0) return heldForLater(fields.id);
    if (rendered.kind === "too-slow") {
      const reason = sentence("render-too-slow", { seconds: rendered.seconds }, "en").message;
      return { verdict: { kind: "held", id: fields.id, reason }, body: null };
    }
    if (rendered.kind === "refused") {
      const stretch = { offset: this.details.bodyStart, length: 1 };
      return rejected(fields.id, [problemAt(source, stretch, rendered.code, rendered.params)]);
    }
    const { cover } = fields;
    const placed = placeLinks(links, path, { html: rendered.html, cover }, body.length);
    if ("code" in placed) return rejected(fields.id, await front.place([placed]));
    const payload = defaultPayload(path, { ...fields, cover: placed.cover }, body, placed.html);
    const mapped = await this.#applyMap(payload, attributes, source, rendered.outline);
    this.details.outline = rendered.outline;
    return this.#verdict(mapped, { id: fields.id, front, dateMs: fields.dateMs, publication });
  }

  async #verdict(
    mapped: HookResult<SealedPayload | null>,
    about: {
      readonly id: string;
      readonly front: FrontMatter;
      readonly dateMs: number | null;
      readonly publication: Publication;
    },
  ): Promise<ParsedFile> {
    if (mapped.kind === "issues") return rejected(about.id, await about.front.place(mapped.issues));
    if (mapped.value === null) return withdrawn(about.id, "mapped-null");
    const { id, sealed } = mapped.value;
    this.details.payload = mapped.value.payload;
    const { expiresAtMs, awaitsDate } = about.publication;
    const isDateAwaited = this.#context.settings.future === "schedule" || awaitsDate;
    const publishAtMs = later(isDateAwaited ? about.dateMs : null, about.publication.publishAtMs);
    const verdict = { kind: "article", id, digest: sealed.digest, publishAtMs, expiresAtMs } as const;
    return { verdict, body: sealed === UNSEALED ? null : sealed.body };
  }

  /** The payload after the hook `map`, with its id and its bytes; null for "not published". */
  async #applyMap(
    payload: Payload,
    attributes: Record<string, unknown>,
    source: string,
    outline: (() => Outline) | null,
  ): Promise<HookResult<SealedPayload | null>> {
    const { hooks, hookTimeMs, areSealed } = this.#context;
    if (hooks.map === null || outline === null) {
      const sealed = areSealed ? seal(payload) : UNSEALED;
      return { kind: "value", value: { id: payload.id, payload: { ...payload }, sealed } };
    }
    const article = articleFor(payload, attributes, source, outline);
    const mapped = await callMap(hooks.map, article, hookTimeMs);
    if (mapped.kind === "issues") return mapped;
    return mapped.value === null ? { kind: "value", value: null } : sealMapped(mapped.value);
  }
}

/** Whether text without front matter is an article, and none whose front matter was lost. */
function isBareText(text: string, bytes: Uint8Array): boolean {
  if (slipOf(bytes, "no-front-matter").code !== "slip-unknown") return false;
  const head = text.slice(0, HEAD_MAX).split("\n", HEAD_LINES);
  return !head.some((line) =>
    isDeciding(/^["']?([\p{L}_][\p{L}\p{N}_-]*)["']?[ \t]*[:：=](?!\/)/u.exec(line)?.[1] ?? ""),
  );
}

/** A record is the file as a whole; YAML may have a fence of its own. */
function recordIn(text: string, path: string): Block {
  const syntax = /\.toml$/i.test(path) ? "toml" : /\.json$/i.test(path) ? "json" : "yaml";
  const fence =
    syntax === "yaml" ? (/^(?:%[^\n]*\n|[ \t]*#[^\n]*\n|\s)*---[ \t]*\r?\n/.exec(text)?.[0].length ?? 0) : 0;
  return { kind: "block", syntax, yamlStart: fence, yamlEnd: text.length, bodyStart: text.length };
}

function noArticle(bytes: Uint8Array, why: NoArticleReason): ParsedFile {
  return { verdict: { kind: "none", why, slip: slipOf(bytes, why) }, body: null };
}

/** What takes long is looked at when all that does not has gone. */
function heldForLater(id: string | null): ParsedFile {
  const reason = sentence("render-later", {}, "en").message;
  return { verdict: { kind: "held", id, reason }, body: null };
}

/** A problem of the file as a whole, whose text is not there. */
function rejectedWhole(code: Code, params: Problem["params"]): ParsedFile {
  return rejected(null, [problemAt("", { offset: 0, length: 1 }, code, params)]);
}

function rejected(id: string | null, problems: readonly Problem[]): ParsedFile {
  return { verdict: { kind: "rejected", id, problems }, body: null };
}

function withdrawn(id: string, why: Hidden["why"] | "mapped-null", problem?: Problem): ParsedFile {
  const withProblem = problem === undefined ? {} : { problem };
  return { verdict: { kind: "withdrawn", id, why, ...withProblem }, body: null };
}

function errorOf(hidden: Hidden | null): readonly Issue[] {
  return hidden?.severity === "error" && hidden.issue !== null ? [hidden.issue] : [];
}
