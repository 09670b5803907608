/**
 * The rules of the house that neither the compiler nor the linter knows: `npm run tidy`.
 *
 * Data walks source → article → sync → inserter. The core imports nothing but itself; every other room
 * imports the core's vocabulary, its own files, and the rooms that `ROOMS` lists for it.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path/posix";
import { codeOnly, functionsOf } from "./tidy/functions.ts";

/** One breach of a rule. `line` counts from 1; 0 stands for the whole file. */
export interface Breach {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** An import as it is written. `to` is a path from the root for files, else the bare specifier. */
interface Import {
  readonly to: string;
  readonly line: number;
  readonly typeOnly: boolean;
  /** `import()` runs later, so it closes no cycle. */
  readonly dynamic: boolean;
}

const FILE_LINES_MAX = 500;
const FUNCTION_LINES_MAX = 70;
/** A file of the program with fewer lines may belong into another one: it is listed, and no breach. */
const CRUMB_LINES = 25;
/** What every room may import besides its own folder. */
const COMMON_GROUND = ["src/sync/model.ts", "src/sync/ports.ts", "src/sync/rules.ts"];
/** Right below `src/`: the public types, those of `/status`, errors that a person can fix, and the version. */
const FRONT = ["src/index.ts", "src/status.ts", "src/errors.ts", "src/version.ts"];
/** The rooms, lowest first, and the rooms that each may import; with `*` only their types. */
const ROOMS: Readonly<Record<string, string>> = {
  sync: "",
  http: "",
  messages: "",
  config: "messages sync*",
  source: "",
  state: "",
  markdown: "",
  workers: "",
  article: "config* markdown messages workers",
  inserter: "config* http messages",
  report: "config messages sync*",
  status: "config* http messages report sync*",
  cli: "config messages report",
  wiring: "article cli* config inserter messages report source state status sync",
  commands: "article cli config http inserter messages report source state status sync wiring",
};
/** Spelled so that these lines do not find themselves. */
const UNFINISHED = /\b(TOD[O]|FIXM[E])\b/;
/** Words of our own where the field has one, or plain English does: see "Words" in CONTRIBUTING. */
const DIALECT = /\b(men[d](?:s|ed|ing)?|owe[ds]|moo[t]|whoeve[r]|doubte[r]s?|give[s]? back)\b/i;
const STATIC_IMPORT = /^(import|export)\s+(type\s+)?(?:[^;"']*?\sfrom\s+)?"([^"]+)"/gm;
const DYNAMIC_IMPORT = /\bimport\(\s*"([^"]+)"/g;
const CORE_FORBIDDEN =
  /\b(Date\.now|new Date\(\)|Math\.random|setTimeout|setInterval|performance\.now|process\.)/;

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split("\n").length;
}

/** Room of a file: `src/article/x.ts` is `article`; files right below `src/` have the room "". */
function roomOf(file: string): string | null {
  if (!file.startsWith("src/")) return null;
  const parts = file.split("/");
  return parts.length > 2 ? (parts[1] ?? null) : "";
}

/** The imports of a file, as they are written. */
export function importsOf(file: string, text: string): Import[] {
  const at = (to: string, index: number, typeOnly: boolean, dynamic: boolean): Import => ({
    to: to.startsWith(".") ? resolve("/", dirname(file), to).slice(1) : to,
    line: lineAt(text, index),
    typeOnly,
    dynamic,
  });
  return [
    ...text
      .matchAll(STATIC_IMPORT)
      .map((match) => at(match[3] ?? "", match.index, match[2] !== undefined, false)),
    ...text.matchAll(DYNAMIC_IMPORT).map((match) => at(match[1] ?? "", match.index, false, true)),
  ];
}

/** Why a file of `src/` may not import this; null when it may. */
function importBreach(file: string, { to, typeOnly }: Import): string | null {
  const room = roomOf(file);
  if (room === null) return null;
  const target = roomOf(to);
  if (room === "sync") {
    if (target === "sync") return null;
    return target === null
      ? `the core imports no package: ${to}. Make it a port in sync/ports.ts`
      : `the core imports no other room: ${to}. Make it a port in sync/ports.ts`;
  }
  if (target === null || room === "" || target === room) return null;
  if (COMMON_GROUND.includes(to) || FRONT.includes(to)) return null;
  const allowed = ROOMS[room]?.split(" ") ?? [];
  if (allowed.includes(target)) return null;
  if (allowed.includes(`${target}*`)) return typeOnly ? null : `take only types from ${to} (\`import type\`)`;
  return `room ${room} imports room ${target}: ${to}. Wire them in wiring/`;
}

/** What `ROOMS` allows and no file needs, so that the table stays a picture of the house. */
export function unusedPermissions(files: ReadonlyMap<string, string>): string[] {
  const used = new Set<string>();
  for (const [file, text] of files) {
    for (const { to, typeOnly } of importsOf(file, text)) {
      if (COMMON_GROUND.includes(to)) continue;
      used.add(`${roomOf(file)} ${roomOf(to)}*`);
      if (!typeOnly) used.add(`${roomOf(file)} ${roomOf(to)}`);
    }
  }
  return Object.entries(ROOMS).flatMap(([room, allowed]) =>
    allowed
      .split(" ")
      .flatMap((one) => (one === "" || used.has(`${room} ${one}`) ? [] : [`${room}: ${one}`])),
  );
}

/** Cycles of imports, types included; at least one of each group of files that import one another. */
function cyclesOf(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const cycles: string[][] = [];
  const done = new Set<string>();
  const walk = (file: string, path: string[]): void => {
    const start = path.indexOf(file);
    if (start >= 0) {
      cycles.push([...path.slice(start), file]);
      return;
    }
    if (done.has(file)) return;
    for (const next of graph.get(file) ?? []) walk(next, [...path, file]);
    done.add(file);
  };
  for (const file of [...graph.keys()].sort()) walk(file, []);
  return cycles;
}

/** What must not stand in a file. */
function textBreaches(file: string, text: string): Breach[] {
  const breaches: Breach[] = [];
  const inSrc = file.startsWith("src/");
  const rules: [applies: boolean, pattern: RegExp, message: string][] = [
    [file.endsWith(".test.ts"), /\b\w+\.only\(/, "`.only` hides the other tests"],
    [inSrc && file !== "src/main.ts", /\bprocess\.exit(Code\s*=[^=]|\()/, "only main.ts ends the process"],
    [
      roomOf(file) === "sync",
      CORE_FORBIDDEN,
      "the core is given clock, randomness and process through its ports",
    ],
  ];
  const code = codeOnly(text).split("\n");
  const lines = text.split("\n");
  for (const [index, line] of lines.entries()) {
    const at = (message: string): number => breaches.push({ file, line: index + 1, message });
    if (UNFINISHED.test(line)) at("unfinished business: do it, or write an issue");
    const dialect = file.startsWith("test/") ? null : DIALECT.exec(line);
    if (dialect !== null) at(`"${dialect[0]}" is a word of our own: see "Words" in CONTRIBUTING.md`);
    for (const [applies, pattern, message] of rules)
      if (applies && pattern.test(code[index] ?? "")) at(message);
  }
  const count = lines.length - 1;
  if (count > FILE_LINES_MAX) {
    const message = `${count} lines: more than one concept? (at most ${FILE_LINES_MAX})`;
    breaches.push({ file, line: 0, message });
  }
  return breaches;
}

/** Functions of the program and its scripts that are too long to read in one go. */
function functionBreaches(file: string, text: string): Breach[] {
  if (file.startsWith("test/")) return [];
  return functionsOf(text)
    .filter(({ lines }) => lines > FUNCTION_LINES_MAX)
    .map(({ name, line, lines }) => ({
      file,
      line,
      message: `function ${name} has ${lines} lines (at most ${FUNCTION_LINES_MAX})`,
    }));
}

/** Every suite that a test file declares has to be run, or its tests count for nothing. */
function suiteBreaches(file: string, text: string, runsElsewhere: boolean): Breach[] {
  if (!file.endsWith(".test.ts")) return [];
  const suites = [...text.matchAll(/^\s*const (\w+) = suite\b/gm)].map((match) => match[1] ?? "");
  if (/\bimport \{[^}]*\btest\b[^}]*\} from "uvu"/.test(text)) suites.push("test");
  const idle = suites.filter((name) => !text.includes(`${name}.run()`));
  if (!text.includes(".run()") && !runsElsewhere) idle.push("the file");
  return [...new Set(idle)].map((name) => ({
    file,
    line: 0,
    message: `${name} lacks \`.run()\`: its tests never run`,
  }));
}

/**
 * All breaches in a set of files.
 *
 * @param files Text by path from the root, `/` between the parts.
 */
export function tidy(files: ReadonlyMap<string, string>): Breach[] {
  const breaches: Breach[] = [];
  const graph = new Map<string, string[]>();
  for (const [file, text] of files) {
    const imports = importsOf(file, text);
    // A contract that several files put implementations to runs its suite itself.
    const runsElsewhere = imports.some((one) => files.get(one.to)?.includes(".run()"));
    breaches.push(...textBreaches(file, text), ...functionBreaches(file, text));
    breaches.push(...suiteBreaches(file, text, runsElsewhere));
    for (const one of imports) {
      const message = importBreach(file, one);
      if (message) breaches.push({ file, line: one.line, message });
    }
    graph.set(
      file,
      imports.filter((one) => !one.dynamic && files.has(one.to)).map((one) => one.to),
    );
  }
  for (const cycle of cyclesOf(graph)) {
    breaches.push({ file: cycle[0] ?? "", line: 0, message: `import cycle: ${cycle.join(" → ")}` });
  }
  return breaches;
}

const isCrumb = (text: string): boolean => text.split("\n").length - 1 < CRUMB_LINES;

if (import.meta.main) {
  const root = resolve(import.meta.dirname, "..");
  // What Git tracks or would track: neither node_modules nor a build.
  const names = execFileSync(
    "git",
    ["ls-files", "-z", "--cached", "--others", "--exclude-standard", "src", "scripts", "test"],
    {
      cwd: root,
      encoding: "utf8",
    },
  ).split("\0");
  const paths = [...new Set(names)].filter((name) => name.endsWith(".ts") && !name.includes("/fixtures/"));
  const present = paths.filter((path) => existsSync(join(root, path)));
  const files = new Map(present.map((path) => [path, readFileSync(join(root, path), "utf8")]));
  const crumbs = present.filter((path) => path.startsWith("src/") && isCrumb(files.get(path) ?? ""));
  const breaches = tidy(files);
  for (const one of unusedPermissions(files)) {
    breaches.push({ file: "scripts/tidy.ts", line: 0, message: `ROOMS allows what no file needs: ${one}` });
  }
  for (const { file, line, message } of breaches)
    console.error(`${file}${line ? `:${line}` : ""}: ${message}`);
  console.log(`Files of fewer than ${CRUMB_LINES} lines: ${crumbs.join(", ") || "none"}`);
  console.log(`${present.length} files, ${breaches.length} breaches of the house rules`);
  process.exitCode = breaches.length > 0 ? 1 : 0;
}
