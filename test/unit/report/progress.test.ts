import { suite } from "uvu";
import * as assert from "uvu/assert";
import { cells } from "../../../src/messages/terminal.ts";
import { type AgentEvent, describeEvent } from "../../../src/report/describe.ts";
import { Progress, progressLine, type Standing } from "../../../src/report/progress.ts";
import { openMemoryState } from "../../../src/state/open.ts";
import type { Agent } from "../../../src/sync/agent.ts";
import { testIo } from "../../support/io.ts";
import { waitFor } from "../../support/wait.ts";

const progress = suite("progress");

const standing: Standing = {
  read: 1240,
  rejected: 0,
  delivered: 820,
  pending: 420,
  rate: 310.4,
  isReading: false,
  trouble: null,
};

progress("shows how far, how fast and how long", () => {
  assert.is(progressLine(standing, 79, "en"), "820 of 1,240 delivered, 310/s, 2s left");
  assert.is(progressLine({ ...standing, rate: 2.34 }, 79, "en"), "820 of 1,240 delivered, 2.3/s, 3m left");
});

progress("promises no time while more may come, nor without a rate", () => {
  const reading = { ...standing, isReading: true, rejected: 3 };
  assert.is(progressLine(reading, 79, "en"), "820 of 1,240 delivered, 310/s, 1,240 files read, 3 rejected");
  assert.is(progressLine({ ...standing, rate: 0 }, 79, "en"), "820 of 1,240 delivered");
  assert.is(
    progressLine({ ...standing, delivered: 0, pending: 0, rate: null }, 79, "en"),
    "1,240 files read",
  );
});

progress("stays within the line, also where a trouble is in wide characters", () => {
  const line = progressLine({ ...standing, trouble: "データベースは停止しています。".repeat(9) }, 79, "en");
  assert.ok(cells(line) <= 79, line);
  assert.match(line, /^820 of 1,240 delivered, 310\/s, 2s left, データベース.*…$/);
  assert.not.match(progressLine({ ...standing, trouble: "a\u001b[2J" }, 79, "en"), "\u001b");
});

progress("is drawn on a terminal and wiped out, and nowhere else", async () => {
  const state = openMemoryState();
  const status = { trouble: null, attempts: [], stateTrouble: null };
  const agent = { deliverer: { acknowledged: 2, status: () => status } } as unknown as Agent;
  const quiet = testIo("/");
  const shown = { ...testIo("/"), isTTY: { stdout: true, stderr: true } };
  const dumb = { ...shown, ...testIo("/", { TERM: "dumb" }), isTTY: shown.isTTY };
  const all = [
    new Progress(quiet, true, "en"),
    new Progress(shown, true, "en"),
    new Progress(dumb, true, "en"),
    new Progress({ ...shown, ...testIo("/"), isTTY: shown.isTTY }, false, "en"),
  ];
  for (const one of all) one.follow(agent, state);
  await waitFor(() => shown.written.stderr !== "", "the line");
  for (const one of all) one.end();
  assert.match(shown.written.stderr, "\r\u001b[K2 of 2 delivered");
  assert.ok(shown.written.stderr.endsWith("\r\u001b[K"));
  assert.is(quiet.written.stderr + dumb.written.stderr, "");
  state.close();
});

progress("takes the place of a line for each delivery, and of nothing else", () => {
  const shown = { ...testIo("/"), isTTY: { stdout: true, stderr: true } };
  const levels: string[] = [];
  const report = (event: AgentEvent): void => {
    levels.push(`${describeEvent(event).level} ${event.kind}`);
  };
  const delivered = { kind: "article.upserted", id: "a", path: "a.md", cause: "new", version: 1 } as const;
  const took = { durationMs: 1, waitedMs: 1, attempts: 1, isBulk: false };
  const drawing = new Progress(shown, true, "en");
  const quiet = drawing.quieten(report);
  quiet({ ...delivered, ...took });
  quiet({ kind: "article.rejected", path: "b.md", problems: [] });
  drawing.end();
  quiet({ ...delivered, ...took, kind: "article.deleted" });
  new Progress(shown, false, "en").quieten(report)({ ...delivered, ...took });
  assert.equal(levels, [
    "debug article.upserted",
    "warn article.rejected",
    "info article.deleted",
    "info article.upserted",
  ]);
});

progress.run();
