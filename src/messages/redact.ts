/** Keeps secrets out of every text that is shown, logged or stored. */

/** What stands in a text where a secret was. */
export const redacted = "[redacted]";

/** Shorter secrets occur in ordinary words: to strike them out would show what they are. */
const secretLengthMin = 4;

/**
 * Removes secrets from a text.
 *
 * `isCut`: the text goes on after what is given, so that it may end with the first part of a secret; that
 * is removed too. Default false.
 */
export type Redact = (text: string, isCut?: boolean) => string;

/** The text with `user:password@` struck out of every URL in it. */
export function withoutCredentials(text: string): string {
  return text.replace(/(\/\/)[^/?#\s]*@/g, `$1${redacted}@`);
}

/**
 * Makes a {@link Redact}: replaces known secrets and credentials in URLs. A secret is also found escaped, as
 * other programs echo it: percent-encoded, in JSON, in HTML, and in base64 with anything before and after it.
 *
 * @param secrets Read at each text, since a token file may change while the program runs. Secrets of
 *   fewer than four characters are not looked for.
 */
export function createRedactor(secrets: () => Iterable<string>): Redact {
  const known = new Map<string, Shapes>();
  const shapesOf = (secret: string): Shapes => {
    let shapes = known.get(secret);
    if (shapes === undefined) {
      if (known.size >= shapesMax) known.clear();
      shapes = toShapes(secret);
      known.set(secret, shapes);
    }
    return shapes;
  };
  return (text, isCut = false) => {
    const all = longestFirst(secrets()).map(shapesOf);
    let shown = withoutCredentials(text);
    for (const { whole } of all) shown = shown.replace(whole, redacted);
    return isCut ? withoutBeginnings(shown, all) : shown;
  };
}

/** A secret that contains another one goes first, or its rest would stay. */
function longestFirst(secrets: Iterable<string>): string[] {
  return [...secrets]
    .map((secret) => secret.trim())
    .filter((secret) => secret.length >= secretLengthMin)
    .sort((a, b) => b.length - a.length);
}

/** Secrets whose patterns are kept: more than are ever known at a time. */
const shapesMax = 256;
/** A piece of base64 shorter than this occurs by chance. */
const base64LengthMin = 6;

/** How a secret may look. */
interface Shapes {
  /** Matches it in any shape. */
  readonly whole: RegExp;
  /** For each shape a pattern for each of its characters, escaped or not. */
  readonly shapes: readonly (readonly RegExp[])[];
}

function toShapes(secret: string): Shapes {
  const texts = [secret, ...base64Shapes(secret)];
  const shapes = texts.map((text) => Array.from(text.replace(/\s+/g, " "), patternOf));
  const [plain, ...encoded] = shapes.map((patterns) => patterns.map(({ source }) => source).join(""));
  // The last bits of the secret may be in a character that what follows it has a part in.
  const whole = [plain, ...encoded.map((pattern) => `${pattern}[\\w+/-]?={0,2}`)].join("|");
  return { whole: new RegExp(whole, "gu"), shapes };
}

/**
 * The characters of base64 that a secret alone decides, for each of its three places in a group of three
 * bytes. @see RFC 4648 section 4
 */
function base64Shapes(secret: string): string[] {
  return [0, 1, 2]
    .map((bytesBefore) => {
      const bytes = Buffer.concat([Buffer.alloc(bytesBefore), Buffer.from(secret)]);
      const bits = bytes.length * 8;
      return bytes.toString("base64").slice(Math.ceil((bytesBefore * 8) / 6), Math.floor(bits / 6));
    })
    .filter((core) => core.length >= base64LengthMin);
}

const named: Readonly<Record<string, string>> = {
  "&": "amp",
  "<": "lt",
  ">": "gt",
  '"': "quot",
  "'": "apos",
};

const patterns = new Map<string, RegExp>();

/** Matches one character where `lastIndex` says, as it is or as it is escaped. */
function patternOf(character: string): RegExp {
  let pattern = patterns.get(character);
  if (pattern === undefined) {
    // No encoder escapes ASCII letters and digits.
    pattern = new RegExp(/[A-Za-z0-9]/.test(character) ? character : escapedForms(character), "uy");
    patterns.set(character, pattern);
  }
  return pattern;
}

function escapedForms(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16);
  const percent = [...Buffer.from(character)].map(
    (byte) => `%(?:25)*${anyCase(byte.toString(16).padStart(2, "0"))}`,
  );
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  const json = units.map((unit) => `\\\\{1,8}u${anyCase(unit.toString(16).padStart(4, "0"))}`);
  const entity = `&(?:amp;)*(?:#0*${code}|#[xX]0*${anyCase(hex)}${character in named ? `|${named[character]}` : ""});`;
  const raw = character === "\\" ? "\\\\{1,8}" : `\\\\{0,8}${rawOf(character, hex)}`;
  return `(?:${raw}|${percent.join("")}|${json.join("")}|${entity})`;
}

/** Base64 has two alphabets; a form has a plus for a blank. */
function rawOf(character: string, hex: string): string {
  if (character === "+") return "[+\\-]";
  if (character === "/") return "[/_]";
  return character === " " ? "(?:\\s+|\\+)" : `\\u{${hex}}`;
}

const anyCase = (hex: string): string =>
  hex.replace(/[a-f]/g, (letter) => `[${letter}${letter.toUpperCase()}]`);

/** The text without the first part of a secret, or of an escape, at its end. */
function withoutBeginnings(text: string, secrets: readonly Shapes[]): string {
  if (secrets.length === 0) return text;
  let shown = text.replace(/(?:%[0-9a-f]?|\\{1,8}(?:u[0-9a-f]{0,3})?|&[#0-9a-z]{0,8})$/i, "");
  for (const shape of secrets.flatMap(({ shapes }) => shapes)) {
    const from = Math.max(0, shown.length - shape.length * escapedLengthMax);
    const starts = Array.from({ length: shown.length - from }, (_, index) => from + index);
    shown = shown.slice(
      0,
      starts.find((start) => reachesEnd(shown, start, shape)),
    );
  }
  return shown;
}

/** Characters that one character of a secret may be escaped to. */
const escapedLengthMax = 12;

/** Whether the text from `start` on is the first part of the shape. */
function reachesEnd(text: string, start: number, shape: readonly RegExp[]): boolean {
  let at = start;
  for (const pattern of shape) {
    if (at >= text.length) break;
    pattern.lastIndex = at;
    if (!pattern.test(text)) return false;
    at = pattern.lastIndex;
  }
  return at >= text.length;
}
