import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseCommandLine } from "../../../src/cli/argv.ts";
import { overview, page } from "../../../src/cli/help.ts";
import { COMMAND_NAMES, OPTION_LIST } from "../../../src/cli/options.ts";
import { cells } from "../../../src/messages/terminal.ts";
import { WORDS } from "../../../src/messages/words.ts";

const help = suite("help");
const languages = ["en", "ja"] as const;
const pages = languages.flatMap((lang) => [overview(lang), ...COMMAND_NAMES.map((name) => page(name, lang))]);

help("fits into 80 columns and has no trailing blanks", () => {
  for (const line of pages.join("").split("\n")) {
    assert.ok(cells(line) <= 80, line);
    assert.is(line.trimEnd(), line);
  }
});

help("names every command, and every option where it belongs", () => {
  for (const lang of languages) {
    for (const name of COMMAND_NAMES) {
      assert.match(overview(lang), new RegExp(`^  ${name} `, "m"));
      for (const [, { long, of }] of OPTION_LIST) {
        assert.is(page(name, lang).includes(`--${long}`), of.includes(name), `--${long} of ${name}`);
      }
    }
  }
});

help("breaks Japanese anywhere but before closing punctuation, and loses nothing", () => {
  const text = page("run", "ja").replace(/\n/g, "");
  for (const about of WORDS.ja.help.commands.run.about)
    assert.ok(text.includes(about.replaceAll(" ", "")) || text.includes(about), about);
  assert.not.match(page("run", "ja"), /^[、。」）]/m);
});

help("shows examples that the parser takes", () => {
  const examples = pages.join("").matchAll(/^ {2}(sync-agent.*)$/gm);
  let count = 0;
  for (const [, line = ""] of examples) {
    for (const part of line.split(/ && | > | \| /).filter((command) => command.startsWith("sync-agent"))) {
      parseCommandLine(
        part
          .replace(/ {2,}.*$/, "")
          .split(" ")
          .slice(1),
      );
      count++;
    }
  }
  assert.ok(count >= 12, String(count));
});

help.run();
