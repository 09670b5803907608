import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { COMMAND_NAMES, COMMANDS, OPTION_LIST } from "../../src/cli/options.ts";
import { HELP } from "../../src/messages/en/help.ts";

/** Text as troff takes it: no line is a request, no hyphen becomes a dash. */
const troff = (text: string): string =>
  text
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replace(/^([.'])/gm, "\\&$1");

const term = (name: string, text: string): string => `.TP\n\\fB${troff(name)}\\fR\n${troff(text)}`;

/**
 * `man sync-agent`, from the tables that `--help` prints.
 *
 * @see man(7)
 */
export function manPage(): string {
  const { version } = JSON.parse(readFileSync(resolve(import.meta.dirname, "../../package.json"), "utf8"));
  const commands = COMMAND_NAMES.map((name) => {
    const { about, examples } = HELP.commands[name];
    const shown = Object.entries(examples).map(([example, does]) => term(example, does));
    const paragraphs = about.map((paragraph) => `.PP\n${troff(paragraph)}`);
    return [`.SS ${troff(COMMANDS[name].usage)}`, ...paragraphs, ...shown].join("\n");
  });
  const options = OPTION_LIST.map(([name, { long, short, value, of }]) => {
    const flag = `${short === undefined ? "" : `-${short}, `}--${long}${value === undefined ? "" : ` ${value}`}`;
    const where = of.length === COMMAND_NAMES.length ? "" : ` (${of.join(", ")})`;
    return term(flag, `${HELP.options[name]}${where}`);
  });
  const codes = Object.entries(HELP.exitCodes).map(([code, means]) => term(code, means));
  return `${[
    `.TH SYNC\\-AGENT 1 "" "sync\\-agent ${troff(version)}"`,
    `.SH NAME\nsync\\-agent \\- ${troff(HELP.about.replace("sync-agent ", ""))}`,
    ".SH SYNOPSIS\n.B sync\\-agent\n[command] [options]",
    ".SH COMMANDS",
    ...commands,
    ".SH OPTIONS",
    ...options,
    ".SH EXIT STATUS",
    ...codes,
  ].join("\n")}\n`;
}
