/**
 * Shows the main job from end to end, in a temporary folder:
 *
 *     npm run demo [-- --once] [-- --repo DIR]
 *
 * Publishes a small blog in two languages as git-sync does, and changes it push by push. `--repo DIR`
 * publishes the last commits of your own clone instead, which is only read. `--once` ends with exit code 0
 * when everything arrived; without it everything keeps running until Ctrl-C.
 */
import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs, styleText } from "node:util";
import { artefact, type LogLine } from "../test/support/artefact.ts";
import { git } from "../test/support/repository.ts";
import { writeBundle } from "./build/dist.ts";
import { Stage } from "./demo/stage.ts";
import { BLOG, STORY, type Step } from "./demo/story.ts";

/** Commits of the own repository that are replayed. */
const REPLAYED = 5;
const CONFIG_NAMES = /^sync\.config\.(ts|mts|js|mjs|json|ya?ml)$/;

const { values } = parseArgs({ options: { once: { type: "boolean" }, repo: { type: "string" } } });
const say = (text = ""): void => void process.stdout.write(`${text}\n`);
const bold = (text: string): string => styleText("bold", text);
const mark = (good: boolean): string => (good ? styleText("green", "✓") : styleText("red", "✗"));

/** When an article was acknowledged, milliseconds after the flip. */
function arrival(lines: readonly LogLine[], id: string, flippedAtMs: number): string {
  const line = lines.find(({ event, ...fields }) => event.startsWith("article.") && fields["id"] === id);
  return line === undefined
    ? ""
    : `${Math.max(0, Math.round(Date.parse(line.time) - flippedAtMs))} ms after the flip`;
}

async function play(stage: Stage, step: Step): Promise<boolean> {
  step.act(stage);
  stage.push(step.what);
  const { flippedAtMs, lines } = await stage.publish();
  const good = step.expect(await stage.article(step.id));
  const took = arrival(lines, step.id, flippedAtMs);
  say(`${mark(good)} The author ${step.what}.`);
  say(`  ${good ? step.outcome : "NOT as expected"}${took === "" ? "" : `, acknowledged ${bold(took)}`}`);
  sayRejected(lines);
  return good;
}

function sayRejected(lines: readonly LogLine[]): void {
  const rejected = lines.filter(({ event }) => event === "article.rejected");
  for (const line of rejected.slice(0, 5)) say(`  ${styleText("yellow", String(line["message"]))}`);
  if (rejected.length > 5) say(`  … and ${rejected.length - 5} more`);
}

async function blog(stage: Stage): Promise<boolean> {
  stage.makeUpstream();
  stage.edit(BLOG);
  stage.push("A small blog");
  await stage.start([]);
  await stage.publish();
  const count = await stage.count();
  const first = count === Object.keys(BLOG).length - 1;
  say(`${mark(first)} First sync: ${count} articles arrived; the README is not an article.`);
  let good = first;
  for (const step of STORY) good = (await play(stage, step)) && good;
  return good;
}

/** The own clone, published commit by commit. */
async function own(stage: Stage, repo: string): Promise<boolean> {
  git(stage.dir, "clone", "-q", "--bare", "--no-hardlinks", repo, stage.upstream);
  const tip = git(stage.upstream, "rev-parse", "HEAD");
  const limit = `--max-count=${REPLAYED + 1}`;
  const commits = git(stage.upstream, "rev-list", "--first-parent", "--reverse", limit, tip).split("\n");
  const publish = (commit: string): string => git(stage.upstream, "update-ref", "refs/heads/main", commit);
  publish(commits[0] ?? tip);
  await stage.start(["--config", await configurationFor(stage, repo)]);
  const first = await stage.publish();
  say(`${mark(true)} First sync: ${await stage.count()} articles arrived.`);
  sayRejected(first.lines);
  let good = (await stage.count()) > 0;
  for (const commit of commits.slice(1)) {
    publish(commit);
    const { flippedAtMs, lines } = await stage.publish();
    const ids = lines.filter(({ event }) => event === "article.upserted" || event === "article.deleted");
    const refused = lines.some(({ event }) => event === "article.refused");
    good &&= !refused;
    say(
      `${mark(!refused)} ${commit.slice(0, 12)} ${git(stage.upstream, "log", "-1", "--format=%s", commit).slice(0, 60)}`,
    );
    const last = ids.at(-1);
    const took =
      last === undefined
        ? "no article changed, nothing was sent"
        : `${ids.length} changed, the last ${bold(arrival([last], String(last["id"]), flippedAtMs))}`;
    say(`  ${took}`);
    sayRejected(lines);
  }
  return good;
}

/** The configuration of the repository, else the one that `init` writes for it. */
async function configurationFor(stage: Stage, repo: string): Promise<string> {
  const found = readdirSync(repo).find((name) => CONFIG_NAMES.test(name));
  if (found !== undefined) return join(repo, found);
  git(stage.dir, "clone", "-q", stage.upstream, stage.desk);
  const { code, stderr } = await artefact().run(["init"], { cwd: stage.desk });
  if (code !== 0) throw new Error(`init ended with ${code}: ${stderr}`);
  say(`  No sync.config.ts in ${repo}: using the one that \`sync-agent init\` writes for it.`);
  return join(stage.desk, "sync.config.ts");
}

process.env["ARTEFACT"] = "node";
if (values.repo !== undefined && !existsSync(values.repo)) {
  say(`${values.repo} does not exist`);
  process.exit(2);
}
await writeBundle();
const stage = new Stage();
const interrupted = new Promise<void>((done) => process.once("SIGINT", done).once("SIGTERM", done));
let good = false;
try {
  say(bold("\nAn author pushes; git-sync flips its link; sync-agent brings the inserter into step.\n"));
  good = values.repo === undefined ? await blog(stage) : await own(stage, resolve(values.repo));
  say(`\n${mark(good)} ${good ? "All arrived." : "Something did not arrive."}`);
  if (values.once !== true) {
    say(`\nRead and search the articles at ${bold(stage.pageUrl)} (Ctrl-C ends everything)`);
    await interrupted;
  }
} catch (error) {
  say(`\n${mark(false)} ${(error as Error).message}`);
} finally {
  await stage.close();
}
process.exitCode = good ? 0 : 1;
