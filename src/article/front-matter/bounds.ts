/** How much front matter may hold, whatever it is written in. */
import { fault, type YamlFault } from "./yaml-fault.ts";

/** Most values that front matter may stand for once its aliases are followed. */
const NODES_MAX = 100_000;
/** Most text that front matter may stand for once its aliases are followed, in UTF-16 code units. */
const TEXT_MAX = 4 * 1024 * 1024;
export const DEPTH_MAX = 100;

/** A list or a map; dates and `!!binary` are values. */
export function isContainer(value: unknown): value is object {
  return (
    typeof value === "object" && value !== null && !(value instanceof Date) && !ArrayBuffer.isView(value)
  );
}

/** Follows every alias, so that a short text that stands for a huge one is found before it is copied. */
export function excess(root: object): YamlFault | null {
  let nodes = 0;
  let text = 0;
  let level: object[] = [root];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEPTH_MAX) return fault("front-matter-too-deep", 0, { depth: DEPTH_MAX });
    const next: object[] = [];
    for (const container of level) {
      for (const [key, value] of Object.entries(container)) {
        text += key.length + (typeof value === "string" ? value.length : 8);
        if (++nodes > NODES_MAX || text > TEXT_MAX) return fault("front-matter-too-big", 0);
        if (isContainer(value)) next.push(value);
      }
    }
    level = next;
  }
  return null;
}
