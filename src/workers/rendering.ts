import type { Entries } from "../article/entries.ts";
import type { Yaml } from "../article/yaml.ts";
import type { Rendered, Wanted } from "../markdown/render.ts";

/** What takes time, wherever that is spent. */
export interface Rendering {
  /** `patience` is a factor on the time allowed, `backlog` how many others wait. */
  render(markdown: string, wanted: Wanted, patience: number, backlog: number): Promise<RenderResult>;
  parseYaml(yaml: string): Promise<Yaml>;
  /** Null if that takes too long. */
  findEntries(yaml: string): Promise<Entries | null>;
}

/** Why there is no HTML. `too-slow` may be otherwise next time, the others not. */
export type Refused =
  | { readonly kind: "too-slow"; readonly seconds: number }
  | {
      readonly kind: "refused";
      readonly code: "markdown-too-complex" | "html-too-large" | "render-failed";
      readonly params: Readonly<Record<string, string | number>>;
    };

export type RenderResult = ({ readonly kind: "rendered" } & Rendered) | Refused;
