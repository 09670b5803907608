import { suite } from "uvu";
import * as assert from "uvu/assert";
import { judge } from "../../../scripts/audit.ts";

const test = suite("audit");

const URL = "https://github.com/advisories/GHSA-aaaa-bbbb-cccc";
/** As npm 11 prints it: a vulnerability of one package, and another that is affected through it. */
const REPORT = JSON.stringify({
  auditReportVersion: 2,
  vulnerabilities: {
    leaf: {
      name: "leaf",
      via: [{ source: 1, name: "leaf", title: "It leaks", severity: "high", url: URL }],
      nodes: ["node_modules/leaf"],
    },
    stem: { name: "stem", via: ["leaf"], nodes: ["node_modules/stem"] },
  },
});
const isShipped = (): boolean => true;
const CLEAN = JSON.stringify({ auditReportVersion: 2, vulnerabilities: {} });

test("a finding fails, once, with its address", () => {
  const { outcome, lines } = judge(REPORT, isShipped, {});
  assert.is(outcome, "failed");
  assert.is(lines[0], `leaf: It leaks (high) ${URL}`);
  assert.match(lines[1] ?? "", "scripts/audit.ts");
  assert.is(lines.length, 2);
});

test("a finding in a tool of the build is none of the users'", () => {
  assert.is(judge(REPORT, (folder) => folder !== "node_modules/leaf", {}).outcome, "passed");
  assert.is(judge(REPORT, (folder) => folder === "node_modules/leaf", {}).outcome, "failed");
});

test("a finding that is answered passes, and shows its answer", () => {
  assert.equal(judge(REPORT, isShipped, { "GHSA-aaaa-bbbb-cccc": "only its types are used" }), {
    outcome: "passed",
    lines: ["leaf: It leaks (high), answered: only its types are used"],
  });
});

test("an answer to what is no longer found is reported", () => {
  const { outcome, lines } = judge(CLEAN, isShipped, { "GHSA-aaaa-bbbb-cccc": "only its types are used" });
  assert.is(outcome, "passed");
  assert.equal(lines, [
    "No known vulnerabilities in what is shipped.",
    "GHSA-aaaa-bbbb-cccc is answered in scripts/audit.ts, but is no longer found.",
  ]);
});

test("a registry without an audit has passed nothing", () => {
  const { outcome, lines } = judge(
    JSON.stringify({ message: "405 Method Not Allowed", statusCode: 405 }),
    isShipped,
    {},
  );
  assert.is(outcome, "skipped");
  assert.is(lines.length, 1);
  assert.match(lines[0] ?? "", "offers no audit (405)");
});

test("any other answer fails", () => {
  for (const [printed, said] of [
    [JSON.stringify({ message: "503 Service Unavailable", statusCode: 503 }), "503 Service Unavailable"],
    [JSON.stringify({ message: "request failed, reason: getaddrinfo" }), "getaddrinfo"],
    ["Error: spawn npm ENOENT", "ENOENT"],
    ["", "npm said nothing"],
  ] as const) {
    const { outcome, lines } = judge(printed, isShipped, {});
    assert.is(outcome, "failed", printed);
    assert.match(lines.join("\n"), said);
  }
});

test.run();
