/**
 * Asks the registry for known vulnerabilities of what is shipped: `npm run audit`. A finding fails, unless
 * it is answered below. A registry without an audit counts as skipped. The last line is
 * `N passed, N failed, N skipped`.
 */
import { spawnSync } from "node:child_process";
import { bundle, packageOf, ROOT } from "./build/bundle.ts";

/** Findings that need no fix, by the last part of their address, with the reason: `"GHSA-…": "…"`. */
const ANSWERED: Readonly<Record<string, string>> = {};

/** Status codes of a registry that has no audit. Any other failure may be temporary. */
const NOT_OFFERED = [404, 405, 501];

/** Result of a report of `npm audit --json`, with one sentence a line. */
export interface Judgement {
  readonly outcome: "passed" | "failed" | "skipped";
  readonly lines: readonly string[];
}

interface Advisory {
  readonly name: string;
  readonly title: string;
  readonly severity: string;
  readonly url: string;
}

interface Report {
  /** Only a report has it; an answer without it is an error. */
  readonly auditReportVersion?: number;
  /**
   * By package. A word in `via` names another package here, which has the vulnerability; `nodes` are the
   * folders it is installed in, from the root.
   */
  readonly vulnerabilities?: Readonly<
    Record<string, { readonly via: readonly (string | Advisory)[]; readonly nodes: readonly string[] }>
  >;
  readonly statusCode?: number;
  readonly message?: string;
}

/**
 * Judges what `npm audit --json` printed.
 *
 * @param isShipped Whether the package in this folder is part of what users get. Tools of the build are not.
 * @param answered Why a finding does not apply, by the last part of its address.
 * @see https://docs.npmjs.com/cli/commands/npm-audit
 */
export function judge(
  printed: string,
  isShipped: (folder: string) => boolean,
  answered: Readonly<Record<string, string>>,
): Judgement {
  let report: Report = {};
  try {
    report = JSON.parse(printed) as Report;
  } catch {
    // Reported below, like any other answer that is not a report.
  }
  const { auditReportVersion, vulnerabilities = {}, statusCode = 0, message = printed.trim() } = report;
  if (auditReportVersion === undefined) {
    return NOT_OFFERED.includes(statusCode)
      ? {
          outcome: "skipped",
          lines: [`The registry offers no audit (${statusCode}): nothing is known.`],
        }
      : { outcome: "failed", lines: [`The audit could not be made: ${message || "npm said nothing"}`] };
  }
  const advisories = Object.values(vulnerabilities)
    .filter(({ nodes }) => nodes.some(isShipped))
    .flatMap(({ via }) => via.filter((one) => typeof one !== "string"));
  const found = new Map(advisories.map((advisory) => [advisory.url.split("/").at(-1) ?? "", advisory]));
  const open = [...found.keys()].filter((key) => !(key in answered));
  const lines = [...found].map(([key, { name, title, severity, url }]) =>
    key in answered
      ? `${name}: ${title} (${severity}), answered: ${answered[key]}`
      : `${name}: ${title} (${severity}) ${url}`,
  );
  if (found.size === 0) lines.push("No known vulnerabilities in what is shipped.");
  if (open.length > 0) lines.push("Update the package, or answer the finding in scripts/audit.ts.");
  for (const key of Object.keys(answered))
    if (!found.has(key)) lines.push(`${key} is answered in scripts/audit.ts, but is no longer found.`);
  return { outcome: open.length > 0 ? "failed" : "passed", lines };
}

if (import.meta.main) {
  // What is in the bundle, and the Node that the executable holds.
  const { metafile } = await bundle();
  const bundled = new Set(Object.keys(metafile.inputs).map(packageOf));
  const isShipped = (folder: string): boolean =>
    bundled.has(folder) || /^node_modules\/node-(bin-)?(linux|darwin)-/.test(folder);
  const { stdout, error } = spawnSync("npm", ["audit", "--json"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  const { outcome, lines } = judge(stdout ?? String(error), isShipped, ANSWERED);
  for (const line of lines) console.log(line);
  const count = (one: Judgement["outcome"]): number => Number(outcome === one);
  console.log(`\n${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`);
  process.exitCode = count("failed");
}
