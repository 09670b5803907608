/** Completion scripts of the shells, from the table of commands and options. */
import { HELP } from "../messages/en/help.ts";
import { COMMAND_NAMES, type CommandName, OPTION_LIST, type Option, type OptionName } from "./options.ts";

export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

type Named = readonly [OptionName, Option];

const optionsOf = (command: CommandName): readonly Named[] =>
  OPTION_LIST.filter(([, { of }]) => of.includes(command));

/** `-c` and `--config`. */
const flags = ({ short, long }: Option): string[] => [
  ...(short === undefined ? [] : [`-${short}`]),
  `--${long}`,
];

/** What the value of an option is, where a shell can complete it. */
function completes({ value, kind }: Option): "file" | "folder" | readonly string[] | null {
  if (kind?.choices !== undefined) return kind.choices;
  if (value === "FILE") return "file";
  return value === "DIR" ? "folder" : null;
}

/** Arguments of a command that are not files. */
const wordsAfter = (command: CommandName): readonly string[] => (command === "completion" ? SHELLS : []);

/** The script that `shell` evaluates. */
export function completionScript(shell: Shell): string {
  return { bash, zsh, fish }[shell]();
}

function bash(): string {
  const compgen = (how: string): string => `mapfile -t COMPREPLY < <(compgen ${how} -- "$cur")`;
  const values = OPTION_LIST.filter(([, { kind }]) => kind !== undefined).map(([, option]) => {
    const value = completes(option);
    const how = value === "file" ? "-f" : value === "folder" ? "-d" : `-W "${(value ?? []).join(" ")}"`;
    return `    ${flags(option).join("|")}) ${value === null ? "" : `${compgen(how)}; `}return ;;`;
  });
  const options = COMMAND_NAMES.map((name) => {
    const words = optionsOf(name).flatMap(([, option]) => flags(option));
    return `      ${name}) words="${words.join(" ")}" ;;`;
  });
  const others = COMMAND_NAMES.filter((name) => wordsAfter(name).length > 0).map(
    (name) => `      ${name}) ${compgen(`-W "${wordsAfter(name).join(" ")}"`)}; return ;;`,
  );
  return `# bash completion of sync-agent: source <(sync-agent completion bash)
_sync_agent() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command="" word words
  COMPREPLY=()
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case $word in ${COMMAND_NAMES.join("|")}) command=$word; break ;; esac
  done
  case $prev in
${values.join("\n")}
  esac
  if [[ $cur == -* ]]; then
    case \${command:-run} in
${options.join("\n")}
    esac
    ${compgen('-W "$words"')}
  elif [[ -z $command ]]; then
    ${compgen(`-W "${COMMAND_NAMES.join(" ")}"`)}
  else
    case $command in
${others.join("\n")}
      *) ${compgen("-f")} ;;
    esac
  fi
}
complete -o filenames -F _sync_agent sync-agent
`;
}

function zsh(): string {
  const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
  const described = (text: string): string => text.replaceAll(/[[\]:]/g, "\\$&");
  const spec = ([name, option]: Named): string => {
    const value = completes(option);
    const action =
      value === "file" ? "_files" : value === "folder" ? "_files -/" : `(${value?.join(" ") ?? ""})`;
    const takes = option.kind === undefined ? "" : `:${option.value}:${value === null ? " " : action}`;
    const both = flags(option);
    const text = quoted(`[${described(HELP.options[name])}]${takes}`);
    return both.length === 1
      ? `${both[0]}${text}`
      : `${quoted(`(${both.join(" ")})`)}{${both.join(",")}}${text}`;
  };
  const commands = COMMAND_NAMES.map(
    (name) => `    ${quoted(`${name}:${described(HELP.commands[name].summary)}`)}`,
  );
  const cases = COMMAND_NAMES.map((name) => {
    const words = wordsAfter(name);
    const rest = quoted(words.length > 0 ? `1:SHELL:(${words.join(" ")})` : "*:file:_files");
    return `      ${name}) _arguments ${[...optionsOf(name).map(spec), rest].join(" \\\n        ")} ;;`;
  });
  return `#compdef sync-agent
# zsh completion of sync-agent: source <(sync-agent completion zsh)
_sync_agent() {
  local context state line
  local -a commands=(
${commands.join("\n")}
  )
  _arguments -C '1: :->command' '*:: :->rest'
  case $state in
    command) _describe command commands ;;
    rest) case $line[1] in
${cases.join("\n")}
    esac ;;
  esac
}
compdef _sync_agent sync-agent
`;
}

function fish(): string {
  const quoted = (text: string): string => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
  const commands = COMMAND_NAMES.map(
    (name) =>
      `complete -c sync-agent -n __fish_use_subcommand -f -a ${name} -d ${quoted(HELP.commands[name].summary)}`,
  );
  const options = OPTION_LIST.map(([name, option]) => {
    const { long, short, of, kind } = option;
    const value = completes(option);
    const takes =
      value === "file" || value === "folder" ? " -r -F" : ` -x -a ${quoted(value?.join(" ") ?? "")}`;
    const where = `-n ${quoted(`__fish_seen_subcommand_from ${of.join(" ")}`)}`;
    const flag = `-l ${long}${short === undefined ? "" : ` -s ${short}`}${kind === undefined ? " -f" : takes}`;
    return `complete -c sync-agent ${where} ${flag} -d ${quoted(HELP.options[name])}`;
  });
  const others = COMMAND_NAMES.filter((name) => wordsAfter(name).length > 0).map(
    (name) =>
      `complete -c sync-agent -n '__fish_seen_subcommand_from ${name}' -f -a ${quoted(wordsAfter(name).join(" "))}`,
  );
  return `# fish completion of sync-agent: sync-agent completion fish | source
${[...commands, ...options, ...others].join("\n")}
`;
}
