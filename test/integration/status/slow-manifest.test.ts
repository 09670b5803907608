/** A manifest that is slow to read is not read at each look; what the status says stays true all the same. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { answer, StatusScene } from "../../support/status-scene.ts";
import { waitFor } from "../../support/wait.ts";

/** Long enough that what was read is kept for all of the test. */
const READ_MS = 500;

const test = suite("status of a manifest that is slow to read");

test("what was in step a moment ago does not pass for being so", async () => {
  const scene = await StatusScene.open({ "a.md": "article a" });
  try {
    await scene.until("in step", ({ inStep }) => inStep);
    const { state } = scene;
    const counts = state.counts.bind(state);
    let reads = 0;
    state.counts = (nowMs) => {
      reads++;
      const endMs = performance.now() + READ_MS;
      while (performance.now() < endMs);
      return counts(nowMs);
    };
    // Until then what the last look read is at hand.
    await waitFor(async () => (await scene.status()).inStep && reads === 1, "a slow look");
    assert.is((await scene.status()).inStep, true);
    assert.is(reads, 1, "the next look costs nothing");

    let acknowledge = (): void => {};
    const sent = new Promise<void>((resolve) => {
      acknowledge = resolve;
    });
    scene.send = () => sent.then(() => answer(201));
    scene.change({ "b.md": "article b" });
    await waitFor(() => state.meta("checkpoint") === scene.revision, "the pass");
    const status = await scene.status();
    assert.is(status.inStep, false);
    assert.equal(
      status.articles?.pending.shown.map(({ id }) => id),
      ["b"],
    );
    acknowledge();
    await waitFor(() => state.pending(null, 1).length === 0, "the acknowledgement");
    assert.is((await scene.status()).inStep, true);
  } finally {
    await scene.close();
  }
});

test.run();
