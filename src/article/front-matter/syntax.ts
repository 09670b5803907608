/** The notations that front matter may have, behind one interface. */
import { type Entries, scanEntries } from "./entries.ts";
import { parseJson, scanJson } from "./json.ts";
import { parseYaml } from "./yaml.ts";
import type { Parsed } from "./yaml-fault.ts";

export type Syntax = "yaml" | "toml" | "json";

/** What parses one notation, and finds again what is written where. */
export interface Notation {
  readonly parse: (text: string) => Parsed;
  /** Null where only {@link findEntries} can tell. */
  readonly scan: (text: string) => Entries | null;
}

const notations: Record<Syntax, Notation | null> = {
  yaml: { parse: parseYaml, scan: scanEntries },
  json: { parse: parseJson, scan: scanJson },
  toml: null,
};

/** Most front matter is YAML: the parser of TOML is loaded when it is first needed. */
export async function loadNotation(syntax: Syntax): Promise<Notation> {
  const loaded = notations[syntax];
  if (loaded !== null) return loaded;
  const { parseToml, scanToml } = await import("./toml.ts");
  const notation = { parse: parseToml, scan: scanToml };
  notations[syntax] = notation;
  return notation;
}
