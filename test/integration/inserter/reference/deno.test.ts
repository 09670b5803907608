import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, get } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Found } from "../../../../src/inserter/reference/store.ts";
import { ndjson } from "../../../support/reference.ts";

const deno = suite("reference inserter on Deno");
const root = resolve(import.meta.dirname, "../../../..");

deno("works with access to loopback and the folder of its database alone", async () => {
  const folder = mkdtempSync(join(tmpdir(), "inserter-"));
  const permissions = ["--allow-net=127.0.0.1", `--allow-read=${folder}`, `--allow-write=${folder}`];
  const child = spawn(
    join(root, "node_modules/.bin/deno"),
    [
      "run",
      "--quiet",
      "--no-prompt",
      "--no-lock",
      ...permissions,
      "test/support/serve-reference.ts",
      join(folder, "a.sqlite"),
    ],
    { cwd: root, stdio: ["pipe", "pipe", "pipe"] },
  );
  const complaints = child.stderr.toArray();
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  try {
    const { value: url } = await lines.next();
    if (url === undefined) throw new Error(String(Buffer.concat(await complaints)));
    await talk(url);
    // An idle connection must not keep it from ending.
    const agent = new Agent({ keepAlive: true });
    const [answer] = await once(get(`${url}?q=x`, { agent }), "response");
    await answer.resume().toArray();
    const ended = once(child, "exit");
    child.stdin.end();
    assert.equal((await lines.next()).value, "closed");
    assert.is((await ended)[0], 0);
    agent.destroy();
    assert.is(String(Buffer.concat(await complaints)), "");
  } finally {
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  }
});

async function talk(url: string): Promise<void> {
  const post = (payload: object, version: number): Promise<Response> =>
    fetch(url, {
      method: "POST",
      body: JSON.stringify(payload),
      headers: { "sync-version": String(version) },
    });
  assert.is((await post({ id: "a", title: "東京タワー", body: "高い" }, 5)).status, 201);
  const older = await post({ id: "a" }, 4);
  assert.is(older.status, 412);
  assert.is(older.headers.get("sync-version"), "5");
  const many = Array.from({ length: 500 }, (_, n) => ({
    upsert: { id: `n${n}`, body: "x".repeat(1000) },
    version: 1,
  }));
  const batch = await fetch(`${url}/_batch`, { method: "POST", body: ndjson(...many) });
  assert.is((await batch.text()).trimEnd().split("\n").length, 500);
  assert.is((await fetch(`${url}/n0`, { method: "DELETE" })).status, 204);

  const headers = { accept: "application/x-ndjson" };
  const inventory = await fetch(url, { headers });
  assert.match(await inventory.text(), /\{"end":true,"count":500\}\n$/);
  const etag = inventory.headers.get("etag") ?? "";
  assert.is((await fetch(url, { headers: { ...headers, "if-none-match": etag } })).status, 304);
  for (const q of ["京", "東京", "東京タワー"]) {
    const found = (await (await fetch(`${url}?${new URLSearchParams({ q })}`)).json()) as Found;
    assert.equal(
      found.items.map((item) => item.id),
      ["a"],
      q,
    );
  }
  const page = await fetch(new URL("/", url));
  assert.match(page.headers.get("content-security-policy") ?? "", "script-src 'sha256-");
  assert.is((await fetch(new URL("/openapi.json", url))).status, 200);
}

deno.run();
