/** The line of a key as it should be, for the advice that goes with a problem. */
import type { Issue } from "../problem.ts";

/** What is not seen in the name of a key, or looks like an ordinary blank. */
const INVISIBLE = /[\p{Cf}\u00a0\u2000-\u200a\u202f\u205f\u3000]/u;
const INVISIBLES = new RegExp(INVISIBLE, "gu");
const TYPOGRAPHIC = /[“”„‟‘’＂]/g;

/** The first invisible character of a key's name, as `U+200B`; null where there is none. */
export function invisibleIn(key: string): string | null {
  const character = INVISIBLE.exec(key)?.[0];
  if (character === undefined) return null;
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
}

export function withoutInvisible(key: string): string {
  return key.replace(INVISIBLES, "").trim();
}

/** The line as it should be; null where that is not known. */
export function correctedLine({ code, params }: Issue, line: string): string | null {
  const { near = "", key = "" } = params;
  switch (code) {
    case "near-key":
    case "missing-key-near":
      return line.replace(String(near), () => String(key)).trim();
    case "missing-key-indented":
      return line.trim();
    case "key-invisible":
    case "near-draft": {
      const [name = "", ...rest] = line.split(":");
      return invisibleIn(name) === null ? null : [withoutInvisible(name), ...rest].join(":").trim();
    }
    case "bad-date":
    case "not-boolean-text": {
      const straight = line.replace(TYPOGRAPHIC, "").trim();
      return straight === line.trim() ? null : straight;
    }
    default:
      return null;
  }
}
