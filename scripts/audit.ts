/**
 * Asks the registry for known holes in what is shipped: `npm run audit`. A finding fails, unless it is
 * answered below. Not every registry offers an audit; where it does not, that is said and nothing has passed.
 * The last line is `N passed, N failed, N skipped`.
 */
import { spawnSync } from "node:child_process";
import { ROOT } from "./build/bundle.ts";

/** Findings that need no mending, by the last part of their address, with the reason: `"GHSA-…": "…"`. */
const ANSWERED: Readonly<Record<string, string>> = {};

/** How a registry says that it has no audit. Anything else that is no report may be over tomorrow. */
const NOT_OFFERED = [404, 405, 501];

/** What a report of `npm audit --json` comes to, one sentence a line. */
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
  /** Only a report has it; what stands in for one is an error. */
  readonly auditReportVersion?: number;
  /** By package. In `via` a word names another package here, which has the hole. */
  readonly vulnerabilities?: Readonly<Record<string, { readonly via: readonly (string | Advisory)[] }>>;
  readonly statusCode?: number;
  readonly message?: string;
}

/**
 * Judges what `npm audit --json` printed.
 *
 * @param answered Reasons why a finding is none here, by the last part of its address.
 * @see https://docs.npmjs.com/cli/commands/npm-audit
 */
export function judge(printed: string, answered: Readonly<Record<string, string>>): Judgement {
  let report: Report = {};
  try {
    report = JSON.parse(printed) as Report;
  } catch {
    // Said below, as for any other answer that is no report.
  }
  const { auditReportVersion, vulnerabilities = {}, statusCode = 0, message = printed.trim() } = report;
  if (auditReportVersion === undefined) {
    return NOT_OFFERED.includes(statusCode)
      ? {
          outcome: "skipped",
          lines: [`The registry offers no audit (${statusCode}): nothing is known of holes.`],
        }
      : { outcome: "failed", lines: [`The audit could not be made: ${message || "npm said nothing"}`] };
  }
  const advisories = Object.values(vulnerabilities).flatMap(({ via }) =>
    via.filter((one) => typeof one !== "string"),
  );
  const found = new Map(advisories.map((advisory) => [advisory.url.split("/").at(-1) ?? "", advisory]));
  const open = [...found.keys()].filter((key) => !(key in answered));
  const lines = [...found].map(([key, { name, title, severity, url }]) =>
    key in answered
      ? `${name}: ${title} (${severity}), answered: ${answered[key]}`
      : `${name}: ${title} (${severity}) ${url}`,
  );
  if (found.size === 0) lines.push("No known holes in what is shipped.");
  if (open.length > 0)
    lines.push("Update what has the hole, or say in scripts/audit.ts why it is none here.");
  for (const key of Object.keys(answered))
    if (!found.has(key)) lines.push(`${key} is answered in scripts/audit.ts, but is found no more.`);
  return { outcome: open.length > 0 ? "failed" : "passed", lines };
}

if (import.meta.main) {
  // Tools of the build are left out; the Node that the executable holds is not.
  const { stdout, error } = spawnSync("npm", ["audit", "--omit=dev", "--json"], {
    cwd: ROOT,
    encoding: "utf8",
  });
  const { outcome, lines } = judge(stdout ?? String(error), ANSWERED);
  for (const line of lines) console.log(line);
  const count = (one: Judgement["outcome"]): number => Number(outcome === one);
  console.log(`\n${count("passed")} passed, ${count("failed")} failed, ${count("skipped")} skipped`);
  process.exitCode = count("failed");
}
