/** The entries of front matter that only a YAML parser can take apart; see `entries.ts` for the others. */
import {
  type Alias,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  visit,
} from "yaml";
import type { Entries, Entry, Written } from "./entries.ts";

/**
 * Finds top-level entries with the package `yaml`, aliases and merges followed. This file is loaded only when
 * it is needed, which it is not for most articles. What cannot be found is left out.
 */
export function parseEntries(yaml: string): Entries {
  const entries = new Map<string, Entry>();
  const document = parseDocument(yaml, {
    // Without types every plain scalar keeps its own words.
    schema: "failsafe",
    version: "1.1",
    uniqueKeys: false,
    logLevel: "silent",
  });
  const targets = targetsOf(document);
  const target = (node: unknown): Node | null | undefined =>
    isAlias(node) ? targets.get(node) : (node as Node | null);
  const collect = (node: unknown, depth: number): void => {
    const map = target(node);
    if (!isMap(map) || depth > 10) return;
    const merged: unknown[] = [];
    for (const { key, value } of map.items) {
      if (!isScalar(key)) continue;
      const name = String(key.value);
      if (name === "<<") merged.push(value);
      else if (!entries.has(name)) entries.set(name, entryOf(key, value));
    }
    for (const one of merged) {
      const source = target(one);
      if (isSeq(source)) for (const item of source.items.slice(0, 100)) collect(item, depth + 1);
      else collect(source, depth + 1);
    }
  };
  const entryOf = (key: Node, value: unknown): Entry => {
    const node = target(value);
    const items = isSeq(node) ? node.items.map((item) => writtenAt(item, key)) : null;
    return { key: stretchOf(key), value: writtenAt(value, key), items };
  };
  /** The place of an alias itself, with the text that it stands for. */
  const writtenAt = (node: unknown, otherwise: Node): Written => {
    const scalar = target(node);
    const text = isScalar(scalar) ? String(scalar.value) : null;
    return { ...stretchOf((node as Node | null) ?? otherwise), text };
  };
  collect(document.contents, 0);
  return entries;
}

/** What each alias stands for: the last node before it with that anchor. */
function targetsOf(document: Document): ReadonlyMap<Alias, Node> {
  const anchors = new Map<string, Node>();
  const targets = new Map<Alias, Node>();
  visit(document, {
    Value: (_, node) => {
      if (node.anchor !== undefined) anchors.set(node.anchor, node);
    },
    Alias: (_, node) => {
      const found = anchors.get(node.source);
      if (found !== undefined) targets.set(node, found);
    },
  });
  return targets;
}

function stretchOf({ range }: Node): { offset: number; length: number } {
  const [start, end] = range ?? [0, 0];
  return { offset: start, length: Math.max(end - start, 1) };
}
