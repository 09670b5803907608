import { styleText } from "node:util";
import { wantsColour } from "../report/log.ts";
import { revision, runtime, version } from "../version.ts";
import { commandNamed, type Invocation, type Io } from "./argv.ts";
import { type CommandName, commandNames, commands, type Option, options } from "./options.ts";

const width = 80;

/** What a page about one command adds to its flags. */
interface Page {
  /** Paragraphs; wrapped when shown. */
  readonly about: readonly string[];
  readonly examples: readonly (readonly [command: string, does: string])[];
}

/** Prints the overview, or the page of the command named. */
export async function help(invocation: Invocation, io: Io): Promise<number> {
  const [topic] = invocation.args;
  const text = topic === undefined ? overview() : page(commandNamed(topic));
  const colour = wantsColour(io.env, io.isTTY.stdout);
  // Headings are the lines at the margin that end with a colon.
  io.stdout(
    colour
      ? text.replace(/^\S.*:$/gm, (heading) => styleText("bold", heading, { validateStream: false }))
      : text,
  );
  return 0;
}

/** Prints which agent this is, and on what it runs. */
export async function versions(_invocation: Invocation, io: Io): Promise<number> {
  io.stdout(`sync-agent ${version} (${revision}) on ${runtime()}\n`);
  return 0;
}

/** What `sync-agent --help` prints. */
export function overview(): string {
  return lines(
    "sync-agent keeps an HTTP inserter API in step with the Markdown articles of a",
    "Git repository.",
    "",
    "Usage: sync-agent [command] [options]",
    "",
    "Commands:",
    ...table(commandNames.map((name) => [name, commands[name].summary])),
    "",
    "Options:",
    ...table(
      options.filter(({ commands }) => commands.length > 4).map((option) => [flag(option), option.means]),
    ),
    "",
    "Try it in a clone of your articles, with nothing else at hand:",
    "",
    ...table([
      ["sync-agent plan", "what would be published, and what is wrong"],
      ["sync-agent init", "write a configuration to start from"],
    ]),
    "",
    "Exit codes:",
    ...table([
      ["0", "in step, nothing wrong"],
      ["1", "an article is rejected, refused, held or not delivered"],
      ["2", "wrong usage or configuration, or the state is in use"],
      ["3", "there is something to do (plan --exit-code)"],
    ]),
    "",
    '"sync-agent COMMAND --help" tells more about a command.',
  );
}

/** What `sync-agent COMMAND --help` prints. */
export function page(name: CommandName): string {
  const { about, examples } = pages[name];
  const own = options.filter(({ commands }) => commands.includes(name));
  return lines(
    `Usage: sync-agent ${commands[name].usage}`,
    "",
    ...about.flatMap((paragraph) => [...wrap(paragraph, width), ""]),
    "Options:",
    ...table(own.map((option) => [flag(option), optionMeans(option, name)])),
    "",
    "Examples:",
    ...examples.flatMap(([command, does]) => [`  ${command}`, `      ${does}`]),
  );
}

const pages: Readonly<Record<CommandName, Page>> = {
  run: {
    about: [
      "The daemon. Compares repository and inserter once, then follows: a new revision is noticed within moments, and by polling even where no event tells of it. Whatever is not there yet (repository, inserter) is waited for.",
      "SIGTERM or SIGINT end it: requests in flight get 5 seconds, what is left stays owed and is delivered at the next start. SIGHUP reads the configuration again and compares everything.",
      "--worktree is for an author at a desk: the files as they are on disk, committed or not, shown by the embedded inserter at the address that is printed. A save is on the page a moment later; what is wrong in an article is told at once, with its line. Nothing is kept, and no other inserter is contacted, whatever the configuration says. It ends with its terminal.",
    ],
    examples: [
      ["sync-agent run --worktree", "preview while writing"],
      ["sync-agent", "with the sync.config.ts of this directory"],
      ["sync-agent run -r /git/link -i http://localhost:8081/post", "without any configuration file"],
    ],
  },
  once: {
    about: [
      "Compares everything, delivers what is missing, prints a summary. For cron, CI and trying things out. Exits with 1 if some article is rejected, refused, held or could not be delivered.",
      "--allow-mass-delete lets a pass delete more than prune.maxFraction allows, for the current revision only. Beside a running daemon it leaves the approval to that one.",
    ],
    examples: [
      ["sync-agent once", "bring the inserter in step"],
      ["sync-agent once --full", "and send every article again"],
      ["sync-agent once --full intro faq --wait 2m", "send two articles again, wait longer"],
    ],
  },
  plan: {
    about: [
      "Shows what once would send and delete, and why, without changing anything: neither state nor inserter. May run beside the daemon.",
      "It reads like a diff: + new, ~ changed (with the keys of the payload that differ, where the version before is still in Git), - deleted, ! rejected or held back, = sent again unchanged.",
      "--json prints one object: config, revision, note, planned (do, id, path, cause, why, fields), kept (ids that stay for the sake of a rejected file), foreign (ids of another owner), findings (as check has them), brake and counts. Lists are in byte order of id or path.",
    ],
    examples: [
      ["sync-agent plan", "for people"],
      ["sync-agent plan --exit-code --json > plan.json", "for scripts: 3 if there is something to do"],
    ],
  },
  check: {
    about: [
      "Validates the configuration and every article of the current revision, and contacts nothing: for CI and editors. Exits with 1 if something would be rejected. --format github marks lines in pull requests, sarif is for code scanning.",
    ],
    examples: [
      ["sync-agent check --worktree", "the files as they are on disk, before committing"],
      ["sync-agent check --format github", "in a GitHub workflow"],
    ],
  },
  explain: {
    about: [
      "Tells why a file is or is not published: the glob that takes or leaves it, what is wrong in which line, whether it is a draft, scheduled, or loses its id to another file, and what the inserter is known to hold.",
    ],
    examples: [["sync-agent explain posts/intro.md", "path from the repository's root, or from here"]],
  },
  status: {
    about: [
      "Asks the running daemon through status.listen; where there is none, reads its state file, without disturbing it.",
      "With a path or id, or a part of one: why that article is, or is not, at the inserter, and what is wrong or doubtful in it.",
    ],
    examples: [
      ["sync-agent status", "for people"],
      ["sync-agent status posts/intro.md", "why is this one not there?"],
      ["sync-agent status --exit-code --json", "the verdict of /healthz as exit code"],
    ],
  },
  init: {
    about: [
      "Looks at the Markdown files here, finds out which habit they follow (Hugo, Jekyll, Zenn, Qiita, ids of their own), and writes a commented sync.config.ts that fits, with sync-agent.d.ts beside it for editors. Existing files are left alone. Then it tells how many articles that would publish, and what it would reject.",
      "--kubernetes and --deno derive something from the configuration that is there, print it and write nothing: a manifest that runs the agent beside git-sync, or the permissions that Deno has to give.",
    ],
    examples: [
      ["sync-agent init && sync-agent check", "from nothing to a first verdict on the articles"],
      ["sync-agent init --kubernetes > sync-agent.yaml", "beside git-sync, for kubectl apply -f"],
      ["sync-agent init --deno", "the least permissions, for deno run"],
    ],
  },
  inserter: {
    about: [
      "Serves the inserter API on SQLite until SIGTERM: to try things out, to test against, or to keep articles in. With inventory, batches, search (?q=words), an OpenAPI document at /openapi.json, and a page to browse the articles at /.",
    ],
    examples: [
      [
        "sync-agent inserter --db articles.sqlite --listen 127.0.0.1:8081",
        "serves http://127.0.0.1:8081/post",
      ],
    ],
  },
};

function flag({ short, long, value }: Option): string {
  return `${short === null ? "    " : `-${short}, `}--${long}${value === null ? "" : ` ${value}`}`;
}

function optionMeans({ long, means }: Option, name: CommandName): string {
  return long === "exit-code" && name === "status" ? "exit with the verdict of /healthz: 0 or 1" : means;
}

/** Two columns, the second wrapped. */
function table(rows: readonly (readonly [string, string])[]): string[] {
  const left = Math.max(...rows.map(([name]) => name.length)) + 4;
  return rows.flatMap(([name, text]) =>
    wrap(text, width - left).map((line, index) => `${(index === 0 ? `  ${name}` : "").padEnd(left)}${line}`),
  );
}

function wrap(text: string, columns: number): string[] {
  const wrapped = [""];
  for (const word of text.split(" ")) {
    const last = wrapped[wrapped.length - 1] ?? "";
    if (last === "") wrapped[wrapped.length - 1] = word;
    else if (last.length + 1 + word.length <= columns) wrapped[wrapped.length - 1] = `${last} ${word}`;
    else wrapped.push(word);
  }
  return wrapped;
}

const lines = (...text: readonly string[]): string => `${text.join("\n")}\n`;
