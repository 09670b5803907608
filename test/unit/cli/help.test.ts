import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseCommandLine } from "../../../src/cli/argv.ts";
import { overview, page } from "../../../src/cli/help.ts";
import { commandNames, options } from "../../../src/cli/options.ts";

const help = suite("help");
const pages = [overview(), ...commandNames.map(page)];

help("fits into 80 columns and has no trailing blanks", () => {
  for (const line of pages.join("").split("\n")) {
    assert.ok(line.length <= 80, line);
    assert.is(line.trimEnd(), line);
  }
});

help("names every command, and every option where it belongs", () => {
  for (const name of commandNames) {
    assert.match(overview(), new RegExp(`^  ${name} `, "m"));
    for (const { long, commands } of options) {
      assert.is(page(name).includes(`--${long}`) && true, commands.includes(name), `--${long} of ${name}`);
    }
  }
});

help("shows examples that the parser takes", () => {
  const examples = pages.join("").matchAll(/^ {2}(sync-agent.*)$/gm);
  let count = 0;
  for (const [, line = ""] of examples) {
    for (const part of line.split(/ && | > /).filter((command) => command.startsWith("sync-agent"))) {
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
