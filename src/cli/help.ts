import { styleText } from "node:util";
import { type Lang, languageFor } from "../messages/language.ts";
import { cells } from "../messages/terminal.ts";
import { WORDS } from "../messages/words.ts";
import { wantsColour } from "../report/log.ts";
import { revision, runtime, version } from "../version.ts";
import { commandNamed, type Invocation, type Io } from "./argv.ts";
import { COMMAND_NAMES, COMMANDS, type CommandName, OPTION_LIST, type Option } from "./options.ts";

/** Columns that help fits into. */
const WIDTH = 80;

/** Prints the overview, or the page of the command named. */
export async function help({ args, flags }: Invocation, io: Io): Promise<number> {
  const [topic] = args;
  const lang = languageFor("people", flags.lang, io.env);
  const text = topic === undefined ? overview(lang) : page(commandNamed(topic), lang);
  // Headings are the lines at the margin that end with a colon.
  const bold = (heading: string): string => styleText("bold", heading, { validateStream: false });
  io.stdout(wantsColour(io.env, io.isTTY.stdout) ? text.replace(/^\S.*:$/gm, bold) : text);
  return 0;
}

/** Prints which agent this is, and on what it runs. */
export async function versions(_invocation: Invocation, io: Io): Promise<number> {
  io.stdout(`sync-agent ${version} (${revision}) on ${runtime()}\n`);
  return 0;
}

/** What `sync-agent --help` prints. */
export function overview(lang: Lang): string {
  const { about, usage, headings, tryIt, exitCodes, more, commands, options } = WORDS[lang].help;
  const common = OPTION_LIST.filter(([, { of }]) => of.length > 4);
  return lines(
    ...wrap(about, WIDTH),
    "",
    `${usage} sync-agent [command] [options]`,
    "",
    headings.commands,
    ...table(COMMAND_NAMES.map((name) => [name, commands[name].summary])),
    "",
    headings.options,
    ...table(common.map(([name, option]) => [flag(option), options[name]])),
    "",
    headings.tryIt,
    "",
    ...table(Object.entries(tryIt)),
    "",
    headings.exitCodes,
    ...table(Object.entries(exitCodes)),
    "",
    more,
  );
}

/** What `sync-agent COMMAND --help` prints. */
export function page(command: CommandName, lang: Lang): string {
  const { usage, headings, commands, options } = WORDS[lang].help;
  const { about, examples } = commands[command];
  const own = OPTION_LIST.filter(([, { of }]) => of.includes(command));
  return lines(
    `${usage} sync-agent ${COMMANDS[command].usage}`,
    "",
    ...about.flatMap((paragraph) => [...wrap(paragraph, WIDTH), ""]),
    headings.options,
    ...table(own.map(([name, option]) => [flag(option), options[name]])),
    "",
    headings.examples,
    ...Object.entries(examples).flatMap(([example, does]) => [`  ${example}`, `      ${does}`]),
  );
}

function flag({ short, long, value }: Option): string {
  return `${short === undefined ? "    " : `-${short}, `}--${long}${value === undefined ? "" : ` ${value}`}`;
}

/** Two columns, the second wrapped. */
function table(rows: readonly (readonly [string, string])[]): string[] {
  const left = Math.max(...rows.map(([name]) => name.length)) + 4;
  return rows.flatMap(([name, text]) =>
    wrap(text, WIDTH - left).map((line, index) => `${(index === 0 ? `  ${name}` : "").padEnd(left)}${line}`),
  );
}

/** What is never parted: words, and a wide character with the closing punctuation after it. */
const UNITS =
  /[（「『]*[⺀-鿿豈-﫿！-｠][、。」』）ー・ぁぃぅぇぉっゃゅょァィゥェォッャュョ]*|\s+|[^\s⺀-鿿豈-﫿！-｠]+[、。」』）]*/gu;

/** Lines of at most so many cells; Japanese may be broken between any two characters. */
function wrap(text: string, columns: number): string[] {
  const wrapped: string[] = [];
  let line = "";
  for (const [unit] of text.matchAll(UNITS)) {
    if (cells(line) + cells(unit) > columns) {
      wrapped.push(line.trimEnd());
      line = unit.trimStart();
    } else line += unit;
  }
  return [...wrapped, line];
}

const lines = (...text: readonly string[]): string => `${text.join("\n")}\n`;
