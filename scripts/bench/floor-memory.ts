/** Imports what the agent is made of, posts 1,000 constants, and stays: the least that it can weigh. */
import "canonicalize";
import "chokidar";
import "commonmark";
import "cosmiconfig";
import "front-matter";
import "node:sqlite";
import "picomatch";
import "valibot";
import "zx/core";
import { Agent } from "node:http";
import got from "got";

const [, , url = ""] = process.argv;
const body = Buffer.alloc(10_000, "x");
const agent = { http: new Agent({ keepAlive: true, maxSockets: 8 }) };
for (let posted = 0; posted < 1_000; posted += 8) {
  await Promise.all(Array.from({ length: 8 }, () => got.post(url, { body, agent })));
}
process.send?.("posted");
setInterval(() => {}, 60_000);
