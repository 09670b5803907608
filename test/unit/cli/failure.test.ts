import { suite } from "uvu";
import * as assert from "uvu/assert";
import { reportFailure } from "../../../src/cli/failure.ts";
import { UsageError } from "../../../src/errors.ts";

const failing = suite("failure report");

function report(error: unknown, logFormat: "json" | "pretty"): { code: number; text: string } {
  let text = "";
  const io = {
    stderr: (written: string) => {
      text += written;
    },
    env: {},
    isTTY: { stdout: false, stderr: false },
  };
  const code = reportFailure(error, { logFormat }, io);
  return { code, text };
}

failing("what a person can mend: code 2, its hint, no stack", () => {
  const error = new UsageError(
    "a.ts: not valid (2 faults)\n  x: \u001b[2J\n  y",
    "Mend http://me:pw@h/\nthen again",
  );
  assert.equal(report(error, "pretty"), {
    code: 2,
    text: "error a.ts: not valid (2 faults)\n  x: \\x1b[2J\n  y\nMend http://[redacted]@h/\nthen again\n",
  });
  const json = report(error, "json");
  assert.is(json.code, 2);
  const { time, ...line } = JSON.parse(json.text);
  assert.match(time, /^\d{4}-/);
  assert.equal(line, {
    level: "error",
    event: "usage.error",
    message: error.message,
    hint: "Mend http://[redacted]@h/\nthen again",
  });
});

failing("a bug: code 1, said to be one, with its stack", () => {
  const { code, text } = report(new TypeError("x is not a function"), "pretty");
  assert.is(code, 1);
  assert.match(text, /^error This is a bug in sync-agent: x is not a function\n {4}at .*failure\.test\.ts/);
  const line = JSON.parse(report(new TypeError("x is not a function"), "json").text);
  assert.is(line.event, "bug");
  assert.match(line.stack, "failure.test.ts");
});

failing("what Deno does not permit is to be mended, not a bug", () => {
  const message = 'Requires write access to "/state", run again with the --allow-write flag';
  const error = Object.assign(new Error(message), { name: "NotCapable" });
  assert.equal(report(error, "pretty"), {
    code: 2,
    text: 'error Deno does not permit what this needs: write access to "/state"\nrun again with the --allow-write flag\n',
  });
});

failing("whatever else was thrown", () => {
  assert.is(report("text", "pretty").text, "error This is a bug in sync-agent: text\n");
  assert.is(JSON.parse(report(undefined, "json").text).message, "undefined");
});

failing.run();
