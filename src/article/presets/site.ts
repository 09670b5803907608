/** Reading the files by which tools are configured. */
import { loadNotation, type Syntax } from "../front-matter/syntax.ts";
import type { SiteFile } from "./preset.ts";

export type Settings = Readonly<Record<string, unknown>>;

/** A file of a tool's configuration does not parse: what it keeps private is not known. */
export class UnreadableSite extends Error {
  override readonly name = "UnreadableSite";
  readonly path: string;
  /** 1-based. */
  readonly line: number;

  constructor(path: string, line: number) {
    super(`${path}:${line} does not parse`);
    this.path = path;
    this.line = line;
  }
}

/** What a YAML, TOML or JSON file says. @throws {UnreadableSite} */
export async function settingsIn({ root, name, text }: SiteFile): Promise<Settings> {
  const syntax: Syntax = name.endsWith(".toml") ? "toml" : name.endsWith(".json") ? "json" : "yaml";
  const plain = text.replace(/^\uFEFF/, "").replace(/^---[ \t]*\r?\n/, "");
  if (plain.replace(/^[ \t]*#.*$/gm, "").trim() === "") return {};
  const parsed = (await loadNotation(syntax)).parse(plain);
  if (parsed.kind === "map") return parsed.attributes;
  throw new UnreadableSite(root + name, text.slice(0, parsed.offset).split("\n").length);
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

/** The texts of a list, or the one text that stands instead of it. */
export function textsOf(value: unknown): string[] {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  return all.filter((one): one is string => typeof one === "string" && one.trim() !== "");
}
