import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Clock, StateUnavailable } from "../../../src/sync/ports.ts";
import { systemClock } from "../../../src/wiring/runtime.ts";
import { answer, refusedConnection, StatusScene } from "../../support/status-scene.ts";
import { waitFor } from "../../support/wait.ts";

const health = suite("health of a running agent");

const MINUTE_MS = 60_000;

/** A clock that can be put forward, for everything but waiting; and whose alarm can break. */
class JumpingClock implements Clock {
  aheadMs = 0;
  isDead = false;
  napsThatNeverEnd = 0;
  nowMs(): number {
    return systemClock.nowMs() + this.aheadMs;
  }
  elapsedMs(): number {
    return systemClock.elapsedMs() + this.aheadMs;
  }
  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (!this.isDead) return systemClock.sleep(ms, signal);
    this.napsThatNeverEnd++;
    return new Promise((resolve) => signal?.addEventListener("abort", () => resolve(), { once: true }));
  }
}

const never = (): Promise<never> => new Promise(() => {});

async function probe(scene: StatusScene): Promise<string> {
  const answered = await scene.get("healthz");
  const text = await answered.text();
  assert.is(answered.status, text === "ok\n" ? 200 : 503);
  return text;
}

/** A running agent that is in step, and its clock. */
async function inStep(): Promise<{ scene: StatusScene; clock: JumpingClock }> {
  const clock = new JumpingClock();
  const scene = await StatusScene.open({ "a.md": "article a" }, { clock });
  await scene.until("in step", ({ inStep }) => inStep);
  return { scene, clock };
}

health("a git that never answers turns it red, and says so", async () => {
  const { scene, clock } = await inStep();
  const wake = Promise.withResolvers<void>();
  let asked = false;
  scene.head = async () => {
    asked = true;
    await wake.promise;
    return { kind: "revision", revision: scene.revision, tree: scene.revision };
  };
  try {
    await waitFor(() => asked, "the next look");
    assert.is(await probe(scene), "ok\n");
    clock.aheadMs += 2 * MINUTE_MS;
    assert.is(await probe(scene), "ok\n", "two minutes may pass");
    clock.aheadMs += 10 * MINUTE_MS;
    const text = await probe(scene);
    assert.match(text, "stuck-loop: The loop was due to look at the repository 7");
    assert.match(text, "stuck-call: Asking git for the revision has not ended");
    assert.match(await (await scene.get("metrics")).text(), "\nsync_agent_healthy 0\n");
    const status = await scene.status();
    assert.is(status.health.ok, false);
    wake.resolve();
    await waitFor(async () => (await probe(scene)) === "ok\n", "recovery");
  } finally {
    wake.resolve();
    await scene.close();
  }
});

health("a renderer that hangs turns it red; one that is slow does not", async () => {
  const { scene, clock } = await inStep();
  let release = (): void => {};
  let parsing = "";
  scene.parse = (path) => {
    parsing = path;
    return new Promise((resolve) => {
      release = resolve;
    });
  };
  try {
    // One after the other, each in its own pass, two minutes each: slow, but it moves.
    for (const name of ["b", "c", "d"]) {
      scene.change({ [`${name}.md`]: `article ${name}` });
      await waitFor(() => parsing === `${name}.md`, `${name} being parsed`);
      clock.aheadMs += 2 * MINUTE_MS;
      assert.is(await probe(scene), "ok\n", name);
      release();
      await scene.until(`${name} live`, ({ recent }) => recent.some(({ id }) => id === name));
    }
    scene.change({ "e.md": "article e" });
    await waitFor(() => parsing === "e.md", "e being parsed");
    clock.aheadMs += 11 * MINUTE_MS;
    assert.match(await probe(scene), "stuck-call: Parsing e.md has not ended for 66");
    release();
    await waitFor(async () => (await probe(scene)) === "ok\n", "recovery");
  } finally {
    scene.parse = async () => {};
    release();
    await scene.close();
  }
});

health("a deaf watcher with a dead poll turns it red", async () => {
  const { scene, clock } = await inStep();
  try {
    clock.isDead = true;
    // The nap it is in may still end; the next one does not.
    await waitFor(() => clock.napsThatNeverEnd > 0, "a nap without end");
    assert.is(await probe(scene), "ok\n");
    scene.change({ "b.md": "article b" });
    clock.aheadMs += 4 * MINUTE_MS;
    assert.match(await probe(scene), /^stuck-loop: The loop was due to look at the repository 2[34]\d s ago/);
    // One hint of a watcher that hears again is enough.
    clock.isDead = false;
    scene.daemon.hint();
    await waitFor(async () => (await probe(scene)) === "ok\n", "recovery");
    await scene.until("b live", ({ recent }) => recent.some(({ id }) => id === "b"));
  } finally {
    clock.isDead = false;
    await scene.close();
  }
});

health("an agent that makes way for the next and never comes back turns it red", async () => {
  const { scene, clock } = await inStep();
  try {
    scene.service.detach();
    assert.is(await probe(scene), "ok\n", "a new configuration takes over");
    assert.is((await scene.get("readyz")).status, 503);
    clock.aheadMs += 5 * MINUTE_MS;
    assert.match(await probe(scene), /^stuck-loop: No agent has been running for 300 s/);
    const metrics = await (await scene.get("metrics")).text();
    assert.match(metrics, "\nsync_agent_healthy 0\n");
    assert.match(metrics, "\nsync_agent_ready 0\n");
  } finally {
    await scene.close();
  }
});

health("a request that outlives its own time limit turns it red", async () => {
  const { scene, clock } = await inStep();
  let sent = false;
  scene.send = () => {
    sent = true;
    return never();
  };
  try {
    scene.change({ "a.md": "article a 2" });
    await waitFor(() => sent, "the request");
    assert.is((await scene.status()).inFlight, 1);
    clock.aheadMs += 3 * MINUTE_MS;
    assert.match(await probe(scene), "stuck-call: A request (upsert) has not ended for 18");
  } finally {
    await scene.close();
  }
});

health("a delivery that sleeps while changes are pending turns it red", async () => {
  const { scene, clock } = await inStep();
  try {
    await scene.agent.deliverer.stop(0);
    scene.change({ "b.md": "article b" });
    await scene.until("pending", ({ articles }) => articles?.pending.total === 1);
    assert.is(await probe(scene), "ok\n");
    clock.aheadMs += 10 * MINUTE_MS;
    await waitFor(async () => (await probe(scene)).startsWith("stuck-delivery: Changes wait"), "red");
  } finally {
    await scene.close();
  }
});

health("an inserter that is down for hours is no illness", async () => {
  const { scene, clock } = await inStep();
  try {
    scene.send = async () => refusedConnection;
    scene.change({ "b.md": "article b" });
    await scene.until("trouble", ({ endpoint }) => endpoint !== null);
    for (let hour = 1; hour <= 5; hour++) {
      clock.aheadMs += 60 * MINUTE_MS;
      // The loop needs a moment to see that hours have passed.
      await waitFor(async () => (await probe(scene)) === "ok\n", "green");
    }
    const status = await scene.status();
    assert.is(status.ready.ok, false);
    assert.ok(status.outOfStepMs >= 300 * MINUTE_MS);
  } finally {
    await scene.close();
  }
});

health("a repository that never comes is no illness either", async () => {
  const clock = new JumpingClock();
  const scene = await StatusScene.open(
    {},
    {
      clock,
      prepare: (scene) => {
        scene.head = async () => ({ kind: "waiting", reason: "no link yet", hint: "" });
      },
    },
  );
  try {
    clock.aheadMs += 60 * MINUTE_MS;
    await waitFor(async () => (await probe(scene)) === "ok\n", "green");
    assert.is((await scene.get("readyz")).status, 503);
  } finally {
    await scene.close();
  }
});

health("a full disk: not ready, says so, goes on by itself", async () => {
  const { scene } = await inStep();
  const { transaction } = scene.state;
  try {
    scene.state.transaction = () => {
      throw new StateUnavailable("/state.sqlite: database or disk is full");
    };
    scene.change({ "b.md": "article b" });
    const full = await scene.until("trouble", ({ stateTrouble }) => stateTrouble !== null);
    assert.match(full.stateTrouble ?? "", "disk is full");
    assert.ok(full.reasons.some(({ code, since }) => code === "state-trouble" && since !== null));
    assert.equal([full.health.ok, full.ready.ok, full.inStep], [true, false, false]);
    assert.equal([full.verdict.kind, full.verdict.needsAction], ["not-syncing", true]);
    const checks = await (await scene.get("readyz?verbose")).text();
    assert.match(checks, /^\[\+\]first-pass ok$/m);
    assert.match(checks, /^\[-\]state failed: .*disk is full/m);
    assert.match(checks, /readyz check failed\n$/);
    const alive = await scene.get("healthz?verbose");
    assert.is(await alive.text(), "[+]loop ok\n[+]calls ok\n[+]delivery ok\nhealthz check passed\n");
    assert.match(await (await scene.get("metrics")).text(), "\nsync_agent_state_writable 0\n");
    scene.state.transaction = transaction;
    const after = await scene.until("in step", ({ inStep }) => inStep);
    assert.is(after.stateTrouble, null);
    assert.ok(after.recent.some(({ id }) => id === "b"));
  } finally {
    scene.state.transaction = transaction;
    await scene.close();
  }
});

health("a state that cannot even be read is reported, not thrown", async () => {
  const { scene } = await inStep();
  const { counts } = scene.state;
  try {
    scene.state.counts = () => {
      throw new StateUnavailable("/state.sqlite: disk I/O error");
    };
    const status = await scene.until("unreadable", ({ articles }) => articles === null);
    assert.ok(status.reasons.some(({ code }) => code === "state-trouble"));
    for (const path of ["", "?find=a", "metrics"]) assert.is((await scene.get(path)).status, 200, path);
    scene.state.counts = counts;
    await scene.until("readable", ({ articles, inStep }) => articles !== null && inStep);
  } finally {
    scene.state.counts = counts;
    await scene.close();
  }
});

health("a refusal is no reason to be out of step, but one to look at", async () => {
  const { scene } = await inStep();
  try {
    scene.send = async () => answer(400, "no");
    scene.change({ "b.md": "article b" });
    const status = await scene.until("refused", ({ articles }) => articles?.refused.total === 1);
    assert.is(status.inStep, true);
    assert.is(status.articles?.counts.refused, 1);
    assert.is(status.verdict.kind, "in-step-except");
    assert.equal(status.verdict.except, {
      total: 1,
      shown: [{ kind: "refused", name: "b.md", concerns: "operator" }],
    });
    const metrics = await (await scene.get("metrics")).text();
    assert.match(metrics, '\nsync_agent_verdict{state="in-step-except"} 1\n');
    assert.match(metrics, '\nsync_agent_verdict{state="in-step"} 0\n');
  } finally {
    await scene.close();
  }
});

health.run();
