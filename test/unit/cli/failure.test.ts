import { suite } from "uvu";
import * as assert from "uvu/assert";
import { reportFailure } from "../../../src/cli/failure.ts";
import { UsageError } from "../../../src/errors.ts";

const failing = suite("failure report");

function report(error: unknown, logFormat: "json" | "pretty", env = {}): { code: number; text: string } {
  let text = "";
  const io = {
    stderr: (written: string) => {
      text += written;
    },
    env,
    isTTY: { stdout: false, stderr: false },
  };
  const code = reportFailure(error, { logFormat, lang: null }, io);
  return { code, text };
}

failing("what the user can fix: code 2, its hint, no stack", () => {
  const error = new UsageError(() => ({
    message: "a.ts: not valid (2 faults)\n  x: \u001b[2J\n  y",
    hint: "Fix http://me:pw@h/\nthen again",
  }));
  assert.equal(report(error, "pretty"), {
    code: 2,
    text: "error a.ts: not valid (2 faults)\n  x: \\x1b[2J\n  y\nFix http://[redacted]@h/\nthen again\n",
  });
  const json = report(error, "json");
  assert.is(json.code, 2);
  const { time, ...line } = JSON.parse(json.text);
  assert.match(time, /^\d{4}-/);
  assert.equal(line, {
    level: "error",
    event: "usage.error",
    message: error.message,
    hint: "Fix http://[redacted]@h/\nthen again",
  });
});

failing("speaks Japanese to people under a Japanese locale, English to programs", () => {
  const error = new UsageError((words) => words.contradiction("--json", "--format github"));
  const env = { LANG: "ja_JP.UTF-8" };
  assert.is(report(error, "pretty", env).text, "エラー --json と --format github は同時に指定できません\n");
  assert.is(
    JSON.parse(report(error, "json", env).text).message,
    "--json and --format github contradict each other",
  );
  assert.match(report(new TypeError("x"), "pretty", env).text, /^エラー sync-agent の不具合です: x\n {4}at /);
});

failing("a bug: code 1, said to be one, with its stack", () => {
  const { code, text } = report(new TypeError("x is not a function"), "pretty");
  assert.is(code, 1);
  assert.match(text, /^error This is a bug in sync-agent: x is not a function\n {4}at .*failure\.test\.ts/);
  const line = JSON.parse(report(new TypeError("x is not a function"), "json").text);
  assert.is(line.event, "bug");
  assert.match(line.stack, "failure.test.ts");
});

failing("what Deno does not permit is to be fixed, not a bug", () => {
  const message = 'Requires write access to "/state", run again with the --allow-write flag';
  const error = Object.assign(new Error(message), { name: "NotCapable" });
  assert.equal(report(error, "pretty"), {
    code: 2,
    text: 'error Deno does not permit what this needs: write access to "/state"\nrun again with the --allow-write flag\n',
  });
});

failing("what is no error", () => {
  assert.is(report("text", "pretty").text, "error This is a bug in sync-agent: text\n");
  assert.is(JSON.parse(report(undefined, "json").text).message, "undefined");
});

failing.run();
