/** The flags that `init --deno` prints are enough, and there is none too many. On Deno only. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { artefact } from "../support/artefact.ts";
import { startModestInserter } from "../support/modest-inserter.ts";
import { article, Scene } from "../support/scene.ts";
import { waitFor } from "../support/wait.ts";

const test = suite("init --deno");
const onDeno = artefact().name === "deno" ? test : test.skip;

/** Git-sync's link, a token in a file that is exchanged, a state, a status: all that a deployment has. */
async function deployed() {
  const scene = new Scene();
  const inserter = await startModestInserter({ can: ["delete", "inventory"] });
  scene.onClose(() => inserter.close());
  scene.inserter = inserter.url;
  await scene.push({ "a.md": article("a") });
  const secrets = join(scene.dir, "secrets");
  mkdirSync(secrets);
  writeFileSync(join(secrets, "token"), "planted-secret-file");
  const { repo, state } = scene;
  const token = { file: join(secrets, "token") };
  const text = JSON.stringify({
    repo,
    state,
    poll: "200ms",
    status: { listen: "127.0.0.1:0" },
    inserter: { url: scene.inserter, token },
  });
  const config = scene.config(`export default ${text};\n`);
  const { code, stdout } = await scene.spawn(["init", "--deno", "-c", config], { config }).finished;
  assert.is(code, 0);
  return { scene, inserter, config, flags: stdout.trim().split("\n") };
}

onDeno("is enough to follow a repository, and to take over another configuration", async () => {
  const { scene, inserter, config, flags } = await deployed();
  await using _ = scene;
  // Not in a folder that it may read, as in a container.
  const options = { cwd: "/", denoFlags: flags };
  await using agent = artefact().spawn(["run", "-c", config], options);
  const { url } = await agent.waitForEvent("status.listening");
  await agent.waitFor(() => inserter.articles.has("a"), "the first article");
  await scene.push({ "b.md": article("b") });
  await agent.waitFor(() => inserter.articles.has("b"), "an article pushed later");
  await waitFor(async () => (await fetch(`${url}readyz`)).ok, "readiness");
  assert.match(await (await fetch(`${url}metrics`)).text(), "sync_agent_");
  agent.kill("SIGHUP");
  await agent.waitForEvent("config.reloaded");
  const { code, log } = await agent.stop();
  assert.is(code, 0);
  const trouble = log.filter(({ level }) => level === "warn" || level === "error");
  assert.equal(trouble, []);
});

onDeno("has none too many: without any one of them something fails", async () => {
  const { scene, config, flags } = await deployed();
  await using _ = scene;
  const without = flags.filter((flag) => /^--allow-(read|write|net|run)=/.test(flag));
  assert.is(without.length, 4);
  const runs = without.map(async (flag) => {
    const denoFlags = flags.filter((other) => other !== flag);
    await using once = artefact().spawn(["once", "-c", config, "--wait", "1s"], { cwd: "/", denoFlags });
    return [flag, (await once.finished).code];
  });
  for (const [flag, code] of await Promise.all(runs)) assert.is.not(code, 0, String(flag));
});

test.run();
