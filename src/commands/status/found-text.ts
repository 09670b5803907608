import { prettyFinding } from "../../messages/finding.ts";
import { describe } from "../../messages/problems.ts";
import { visible } from "../../messages/terminal.ts";
import type { Reader } from "../../status/page/html.ts";
import type { FoundStatus, ProblemStatus, StatusSnapshot } from "../../status.ts";

/** Articles that a text names, as `/status?find=` answers. */
export interface Found {
  /** What was looked for. */
  readonly find: string;
  readonly found: readonly FoundStatus[];
}

/** Why each article is where it is, in the words of the page. */
export function foundLines(
  { find, found }: Found,
  { include, exclude }: Pick<StatusSnapshot, "include" | "exclude">,
  reader: Reader,
  colour: boolean,
): string[] {
  const { words } = reader;
  if (found.length > 0) return found.flatMap((one) => ["", ...articleLines(one, reader, colour)]);
  const except = exclude.length === 0 ? "" : words.find.except(exclude.join(words.comma));
  const looked = `${words.find.looked(include.join(words.comma))}${except}`;
  return [
    "",
    visible(words.find.none(find)),
    ...[...words.find.noneWhy, visible(looked)].map((why) => `  ${why}`),
  ];
}

function articleLines(one: FoundStatus, reader: Reader, colour: boolean): string[] {
  const { words } = reader;
  const { state, path, id, problems, refused, pending, at, other, isLive } = one;
  const name = path ?? id ?? "";
  const said = state === "no-article" ? whyNone(one, reader) : words.found[state];
  const known = [at === null ? "" : `${at} (${reader.ago(at)})`, other ?? ""].filter((text) => text !== "");
  const lines = [
    visible(id === null || id === name ? name : `${name}  ${id}`),
    `  ${[said.title, ...known.map(visible)].join("  ")}`,
    `  ${said.more}`,
  ];
  if (state === "live" && problems.length > 0) lines.push(`  ${words.find.warned}`);
  lines.push(...problemLines(problems, name, reader, colour).map((line) => `  ${line}`));
  if (refused !== null) {
    lines.push(`  ${words.attention.refusal(refused.status, refused.kind)}  ${reader.ago(refused.since)}`);
    if (refused.excerpt !== "") lines.push(`  ${visible(refused.excerpt.slice(0, 200))}`);
  }
  if (pending?.problem != null) {
    const { attempts, problem } = pending;
    lines.push(`  ${visible(words.pending.failed(reader.number(attempts), attempts === 1, problem))}`);
  }
  if (state !== "live" && state !== "duplicate")
    lines.push(`  ${isLive ? words.find.stillThere : words.find.notThere}`);
  return lines.filter((line) => line.trim() !== "");
}

/** Problems, one after the other, with their lines marked. */
export function problemLines(
  problems: readonly ProblemStatus[],
  path: string,
  reader: Reader,
  colour: boolean,
): string[] {
  return problems.flatMap((problem) => {
    const finding = { ...problem, ...reader.said(problem, path), path };
    return prettyFinding(finding, colour, reader.lang).trimEnd().split("\n");
  });
}

function whyNone({ path, reason }: FoundStatus, { lang }: Reader): { title: string; more: string } {
  const place = { severity: "error", line: 1, column: 1, length: 1 } as const;
  const { message, hint } = describe({ ...place, code: reason ?? "", params: {} }, path ?? "", lang);
  return { title: message, more: hint };
}
