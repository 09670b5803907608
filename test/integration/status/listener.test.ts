import { once } from "node:events";
import { request } from "node:http";
import { connect } from "node:net";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { listen } from "../../../src/status/listener.ts";
import type { FoundStatus } from "../../../src/status.ts";
import { answer, refusedConnection, StatusScene } from "../../support/status-scene.ts";

const listener = suite("status listener");

const FUTURE = "2999-01-01T00:00:00.000Z";

listener("says that it is in step, of what, and since when", async () => {
  const scene = await StatusScene.open({
    "a.md": "article a",
    "b.md": "draft b",
    "c.md": `scheduled c ${FUTURE}`,
  });
  try {
    const status = await scene.until("in step", ({ inStep }) => inStep);
    assert.equal(status.reasons, []);
    assert.is(status.outOfStepMs, 0);
    assert.ok(status.since !== null);
    assert.equal([status.health.ok, status.ready.ok], [true, true]);
    assert.is(status.version, "9.8.7");
    assert.is(status.phase, "following");
    assert.is(status.inventory, "none");
    assert.ok(status.startedOver !== null, "without an inventory, earlier deletions cannot be found");
    const counts = status.articles?.counts;
    assert.equal([counts?.published, counts?.withdrawn, counts?.scheduled], [1, 1, 1]);
    assert.equal(status.articles?.scheduled, { total: 1, shown: [{ id: "c", path: "c.md", at: FUTURE }] });
    assert.is(status.revision?.id, scene.revision);
    assert.is(status.revision?.subject, "A commit");
    assert.is(status.revision?.authored, new Date(1_700_000_000_000).toISOString());
    assert.equal(
      status.recent.map(({ kind, id, path, liveMs }) => [kind, id, path, liveMs]),
      [["upsert", "a", "a.md", null]],
      "what was there at the start has no such time",
    );
    assert.is(await (await scene.get("healthz")).text(), "ok\n");
    assert.is(await (await scene.get("readyz")).text(), "ok\n");
  } finally {
    await scene.close();
  }
});

listener("a page of another site whose name leads here reads nothing", async () => {
  const scene = await StatusScene.open({ "a.md": "article a" });
  const get = (path: string, host: string): Promise<[status: number, text: string]> =>
    new Promise((resolve, reject) => {
      const sent = request(new URL(path, scene.url), { headers: { host } }, (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (chunk) => {
          text += chunk;
        });
        answer.on("end", () => resolve([answer.statusCode ?? 0, text]));
      });
      sent.once("error", reject).end();
    });
  try {
    await scene.until("in step", ({ inStep }) => inStep);
    for (const path of [
      "/",
      "/status",
      "/status?find=a",
      "/metrics",
      "/healthz",
      "/readyz",
      "/icon.svg",
      "/x",
    ]) {
      const [status, text] = await get(path, "evil.example:9300");
      assert.is(status, 403, path);
      assert.match(text, "evil.example:9300");
      assert.not.match(text, /a\.md|tester/);
    }
    for (const host of ["localhost:9300", "127.0.0.1", "[::1]:9300", "status.localhost"]) {
      assert.is((await get("/status", host))[0], 200, host);
    }
  } finally {
    await scene.close();
  }
});

listener("measures from the flip to the acknowledgement", async () => {
  const scene = await StatusScene.open({ "a.md": "article a" });
  try {
    await scene.until("in step", ({ inStep }) => inStep);
    scene.change({ "b.md": "article b" });
    const { recent, revision } = await scene.until("b live", ({ recent }) => recent[0]?.id === "b");
    assert.type(recent[0]?.liveMs, "number");
    assert.ok((recent[0]?.liveMs ?? -1) >= 0);
    assert.is(revision?.id, scene.revision);
    const live = await scene.until("live", ({ revision }) => revision?.live != null);
    assert.ok(Date.parse(live.revision?.live ?? "") >= Date.parse(live.revision?.seen ?? ""));
    const metrics = await (await scene.get("metrics")).text();
    assert.match(metrics, "\nsync_agent_flip_to_live_seconds_count 1\n");
  } finally {
    await scene.close();
  }
});

listener("an inserter that is down: not in step, not ready, healthy; recovers by itself", async () => {
  const scene = await StatusScene.open({ "a.md": "article a" });
  try {
    await scene.until("in step", ({ inStep }) => inStep);
    scene.send = async () => refusedConnection;
    scene.change({ "a.md": "article a 2" });
    // The request leaves, and may fail, before the revision is gone through.
    const down = await scene.until(
      "trouble",
      ({ endpoint, articles, reasons }) =>
        endpoint !== null &&
        (articles?.pending.shown.length ?? 0) > 0 &&
        !reasons.some(({ code }) => code === "new-revision"),
    );
    assert.is(down.inStep, false);
    assert.equal(
      down.reasons.map(({ code }) => code),
      ["inserter-trouble", "pending"],
    );
    assert.match(down.reasons[0]?.message ?? "", "connection refused");
    assert.is(down.endpoint?.kind, "unreachable");
    assert.is(down.articles?.pending.shown[0]?.path, "a.md");
    assert.is((await scene.get("healthz")).status, 200);
    const ready = await scene.get("readyz");
    assert.is(ready.status, 503);
    assert.match(await ready.text(), /^inserter-trouble: The inserter cannot be used: connection refused/);
    scene.send = async () => answer(201);
    const up = await scene.until("in step again", ({ inStep }) => inStep);
    assert.is(up.endpoint, null);
    assert.is((await scene.get("readyz")).status, 200);
  } finally {
    await scene.close();
  }
});

listener("an inserter that never was there: waits, and is not ready", async () => {
  const scene = await StatusScene.open(
    { "a.md": "article a" },
    {
      prepare: (scene) => {
        scene.inventory = async () => ({ kind: "unknown", reply: refusedConnection });
      },
    },
  );
  try {
    const status = await scene.until("waiting", ({ phase }) => phase === "waiting-for-inserter");
    assert.ok(status.reasons.some(({ code, since }) => code === "waiting-for-inserter" && since !== null));
    assert.is(status.ready.ok, false);
    assert.is(status.health.ok, true);
  } finally {
    await scene.close();
  }
});

listener("a repository that is not there: says why, and how to fix it", async () => {
  const scene = await StatusScene.open(
    {},
    {
      prepare: (scene) => {
        scene.head = async () => ({ kind: "waiting", reason: "no link yet", hint: "Start git-sync." });
      },
    },
  );
  try {
    const status = await scene.until("waiting", ({ reasons }) => reasons.length > 1);
    assert.is(status.phase, "waiting-for-repository");
    assert.match(status.reasons[0]?.message ?? "", "no link yet");
    assert.is(status.reasons[0]?.hint, "Start git-sync.");
    assert.is(status.revision, null);
  } finally {
    await scene.close();
  }
});

listener("lists each article that is not published, and why", async () => {
  const files = {
    "a.md": "article a",
    "b/copy.md": "article a copy",
    "bad.md": "rejected bad",
    "slow.md": "held slow",
    "no.md": "article no",
    "text.md": "hello",
  };
  const scene = await StatusScene.open(files, {
    prepare: (scene) => {
      scene.send = async ({ id }) => (id === "no" ? answer(422, '{"error":"too long"}') : answer(201));
    },
  });
  try {
    const { articles } = await scene.until("refused", ({ articles }) => articles?.refused.total === 1);
    if (articles === null) return assert.unreachable();
    const [rejected] = articles.rejected.shown;
    assert.is(rejected?.path, "bad.md");
    assert.equal(rejected?.keeps, []);
    const [problem] = rejected?.problems ?? [];
    assert.is(problem?.where, "bad.md:5:7");
    assert.is(problem?.message, 'tags must be a list of words, but is the text "go, k8s"');
    assert.match(problem?.hint ?? "", "tags: [go, k8s]");
    assert.equal(articles.duplicates.shown, [{ path: "b/copy.md", id: "a", winner: "a.md" }]);
    assert.equal(articles.held.shown, [
      { path: "slow.md", id: "slow", reason: "Rendering took more than 2 s" },
    ]);
    const [refused] = articles.refused.shown;
    assert.equal(
      [refused?.id, refused?.path, refused?.kind, refused?.status, refused?.excerpt],
      ["no", "no.md", "upsert", 422, '{"error":"too long"}'],
    );

    const find = (text: string): Promise<readonly FoundStatus[]> => scene.find(text);
    const states = async (text: string): Promise<string[]> =>
      (await find(text)).map(({ path, state }) => `${path} ${state}`);
    assert.equal(await states("A.MD"), ["a.md live"]);
    assert.equal(await states("copy"), ["b/copy.md duplicate"]);
    assert.equal(await states("bad"), ["bad.md rejected"]);
    assert.equal(await states("slow.md"), ["slow.md held"]);
    assert.equal(await states("no.md"), ["no.md refused"]);
    assert.equal(await states("text"), ["text.md no-article"]);
    assert.equal(await states("nowhere"), []);
    assert.is((await find("bad"))[0]?.problems.length, 1);
    assert.is((await find("no.md"))[0]?.refused?.status, 422);

    // Fixed, then broken again: the last good version stays, and that is said.
    scene.change({ "bad.md": "article bad" });
    await scene.until("fixed", ({ articles }) => articles?.rejected.total === 0);
    await scene.until("in step", ({ inStep }) => inStep);
    scene.change({ "bad.md": "rejected bad again" });
    const again = await scene.until("broken", ({ articles }) => articles?.rejected.total === 1);
    assert.equal(again.articles?.rejected.shown[0]?.keeps, ["bad"]);
    assert.is((await find("bad"))[0]?.isLive, true);
  } finally {
    await scene.close();
  }
});

listener("shows the brake, and deletes that do not work", async () => {
  const files = Object.fromEntries(Array.from({ length: 30 }, (_, n) => [`p${n}.md`, `article p${n}`]));
  const scene = await StatusScene.open(files);
  try {
    await scene.until("in step", ({ inStep }) => inStep);
    scene.change(Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`p${n}.md`, ""])));
    const braked = await scene.until("brake", ({ brake }) => brake !== null);
    assert.equal([braked.brake?.deletes, braked.brake?.owned], [20, 30]);
    assert.ok(braked.brake?.since !== null);
    assert.is(braked.revision?.live, null, "what is held back is not live");
    assert.equal([braked.inStep, braked.ready.ok, braked.health.ok], [false, false, true]);
    assert.match(await (await scene.get("metrics")).text(), "\nsync_agent_brake_deletes 20\n");
    scene.send = async ({ kind }) => answer(kind === "delete" ? 405 : 201);
    assert.is(braked.brake?.cause, "files-gone");
    assert.is(scene.state.approveBraked().length, 20);
    const after = await scene.until("undeletable", ({ articles }) => articles?.undeletable.total === 20);
    assert.is(after.brake, null);
    assert.is(after.inStep, true);
    assert.equal(
      (await scene.find("p0")).map(({ id, state, isLive }) => [id, state, isLive]),
      [["p0", "gone", true]],
    );
  } finally {
    await scene.close();
  }
});

listener(
  "answers GET and HEAD and nothing else, with headers that keep browsers on a short leash",
  async () => {
    const scene = await StatusScene.open({ "a.md": "article a" });
    try {
      await scene.until("in step", ({ inStep }) => inStep);
      for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"]) {
        const body = method === "OPTIONS" ? {} : { body: "x".repeat(100_000) };
        const refused = await scene.get("status", { method, ...body });
        assert.is(refused.status, 405, method);
        assert.is(refused.headers.get("allow"), "GET, HEAD");
        assert.match(await refused.text(), "read only");
      }
      for (const path of ["", "status", "metrics", "healthz", "readyz", "icon.svg"]) {
        const got = await scene.get(path);
        const bytes = (await got.arrayBuffer()).byteLength;
        assert.is(got.status, 200, path);
        assert.is(got.headers.get("content-length"), String(bytes), path);
        const head = await scene.get(path, { method: "HEAD" });
        assert.is(head.status, 200);
        assert.is((await head.arrayBuffer()).byteLength, 0);
        assert.is(head.headers.get("content-type"), got.headers.get("content-type"));
        const policy = got.headers.get("content-security-policy") ?? "";
        assert.match(policy, /^default-src 'none';.*frame-ancestors 'none'$/);
        assert.not.match(policy, "unsafe");
        assert.is(got.headers.get("x-content-type-options"), "nosniff");
        assert.is(got.headers.get("referrer-policy"), "no-referrer");
        assert.is(got.headers.get("cache-control"), "no-store");
      }
      assert.is((await scene.get("nowhere")).status, 404);
      assert.is((await scene.get("status?find=%ff%00")).status, 200);
      assert.match((await scene.get("metrics")).headers.get("content-type") ?? "", /^text\/plain; version=/);
      assert.match((await scene.get("status")).headers.get("content-type") ?? "", "application/json");
    } finally {
      await scene.close();
    }
  },
);

listener("a request target that is no path is answered, not thrown at the process", async () => {
  const scene = await StatusScene.open();
  try {
    const { port } = new URL(scene.url);
    const status = await new Promise((resolve, reject) => {
      const asked = request({ port, host: "127.0.0.1", path: "http://[", method: "GET" }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      asked.on("error", reject).end();
    });
    assert.is(status, 404);
  } finally {
    await scene.close();
  }
});

listener("lets no secret out", async () => {
  const secret = "tok_s3cr3t_value";
  const scene = await StatusScene.open(
    { "a.md": "article a", [`${secret}.md`]: "article b" },
    {
      secret,
      prepare: (scene) => {
        scene.subject = `Rotate ${secret}`;
        scene.send = async () => answer(422, `bad token ${secret}`);
      },
    },
  );
  try {
    await scene.until("refused", ({ articles }) => articles?.refused.total === 2);
    for (const path of ["", "?find=a", "status", "status?find=a", "metrics", "healthz", "readyz"]) {
      assert.not.match(await (await scene.get(path)).text(), secret, path);
    }
    assert.match((await scene.status()).revision?.subject ?? "", "Rotate [redacted]");
  } finally {
    await scene.close();
  }
});

listener("between two configurations nothing is known, and nothing breaks", async () => {
  const scene = await StatusScene.open({ "a.md": "article a" });
  try {
    await scene.until("in step", ({ inStep }) => inStep);
    scene.service.detach();
    assert.is((await scene.get("healthz")).status, 200);
    assert.is((await scene.get("readyz")).status, 503);
    assert.is((await scene.get("status")).status, 503);
    assert.is((await scene.get("")).headers.get("retry-after"), "1");
    assert.is((await scene.get("metrics")).status, 200);
  } finally {
    await scene.close();
  }
});

listener("200 connections that send nothing do not make a probe fail", async () => {
  const scene = await StatusScene.open({ "a.md": "article a" });
  const { hostname, port } = new URL(scene.url);
  const sockets = await Promise.all(
    Array.from({ length: 200 }, async () => {
      const socket = connect(Number(port), hostname);
      await once(socket, "connect");
      return socket;
    }),
  );
  try {
    assert.is((await scene.get("healthz")).status, 200);
  } finally {
    for (const socket of sockets) socket.destroy();
    await scene.close();
  }
});

listener("an address that is taken is an error that names it", async () => {
  const scene = await StatusScene.open();
  const { port } = new URL(scene.url);
  try {
    await listen(scene.service, { host: "127.0.0.1", port: Number(port), log: { emit: () => {} } });
    assert.unreachable("listened twice");
  } catch (error) {
    assert.match(
      (error as Error).message,
      `Cannot serve the status on 127.0.0.1:${port}: the address is in use`,
    );
  } finally {
    await scene.close();
  }
});

listener.run();
