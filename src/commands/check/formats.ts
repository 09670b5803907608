import type { Finding } from "../../messages/finding.ts";

/**
 * One finding as a workflow command of GitHub Actions, which marks the line in a pull request.
 *
 * @see https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 */
export function githubFinding({
  path,
  severity,
  code,
  line,
  column,
  length,
  message,
  hint,
}: Finding): string {
  const property = (text: string): string => data(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
  const place =
    line === null ? "" : `,line=${line},endLine=${line},col=${column},endColumn=${column + length}`;
  const command = severity === "note" ? "notice" : severity;
  return `::${command} file=${property(path)}${place},title=${property(code)}::${data(sentences(message, hint))}\n`;
}

const data = (text: string): string =>
  text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");

/**
 * All findings as a SARIF log, for code scanning.
 *
 * @param version Of the agent.
 * @see OASIS, "Static Analysis Results Interchange Format (SARIF) Version 2.1.0"
 */
export function sarif(findings: readonly Finding[], version: string): object {
  const codes = [...new Set(findings.map(({ code }) => code))].sort();
  return {
    $schema: "https://json.schemastore.org/sarif-2.1.0.json",
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: { name: "sync-agent", semanticVersion: version, rules: codes.map((id) => ({ id })) },
        },
        columnKind: "utf16CodeUnits",
        results: findings.map(({ path, severity, code, line, column, length, message, hint, excerpt }) => ({
          ruleId: code,
          ruleIndex: codes.indexOf(code),
          level: severity,
          message: { text: sentences(message, hint) },
          locations: [
            {
              physicalLocation: {
                artifactLocation: {
                  uri: path.split("/").map(encodeURIComponent).join("/"),
                  uriBaseId: "%SRCROOT%",
                },
                ...(line !== null && {
                  region: {
                    startLine: line,
                    startColumn: column,
                    endColumn: column + length,
                    ...(excerpt !== null && { snippet: { text: excerpt } }),
                  },
                }),
              },
            },
          ],
        })),
      },
    ],
  };
}

/** What is wrong and how to fix it, as running text. */
function sentences(message: string, hint: string): string {
  return hint === "" ? message : `${message}. ${hint}`;
}
