/** What answers mean: the table of the inserter API, row by row. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Attempt } from "../../../src/sync/deliver/attempts.ts";
import {
  type Context,
  judge,
  judgeBatch,
  judgeInventoryAsked,
  type Outcome,
} from "../../../src/sync/deliver/judge.ts";
import type { Operation } from "../../../src/sync/model.ts";
import type { Reply } from "../../../src/sync/ports.ts";

const test = suite("judgements");

const POST: Operation = {
  id: "a",
  kind: "upsert",
  version: 10,
  digest: "d",
  path: "a.md",
  blob: "0",
  cause: "new",
  sinceMs: 0,
};
const DELETE: Operation = { id: "a", kind: "delete", version: 10, cause: "deleted", sinceMs: 0 };
const FRESH: Context = {
  attempt: null,
  wasRefused: false,
  isInherited: false,
  urlKnown: false,
  declinesDeletes: false,
  upserts: 0,
  trouble: null,
  durationMs: 3,
  nowMs: 1_000,
};
const DENIED = { kind: "denied", message: "", hint: null, sinceMs: 0, attempts: 1 } as const;
const attempt = (change: Partial<Attempt>): Attempt => ({
  version: 10,
  failures: 1,
  nextMs: 0,
  sinceMs: 0,
  message: "",
  mayHaveLanded: false,
  deniedAfter: null,
  takenBefore: null,
  awaitsUrl: false,
  overtaken: 0,
  isReplaced: false,
  ...change,
});

type Answer = Extract<Reply, { kind: "answer" }>;

const answer = (status: number, more: Partial<Answer> = {}): Answer => ({
  kind: "answer",
  status,
  retryAfterMs: null,
  version: null,
  location: null,
  excerpt: "why",
  ...more,
});
const failure = (why: "connect" | "timeout" | "broken"): Reply => ({ kind: "failure", why, message: why });

/** Outcomes in short, without what is the same in all of them. */
function short(outcomes: readonly Outcome[]): string {
  return outcomes.map(wordOf).join(", ");
}

function wordOf(outcome: Outcome): string {
  const landed = "mayHaveLanded" in outcome && outcome.mayHaveLanded ? " (may have landed)" : "";
  switch (outcome.kind) {
    case "pause":
      return `pause ${outcome.why}${outcome.retryAfterMs === null ? "" : ` ${outcome.retryAfterMs}`}`;
    case "failure":
      return `failure of ${typeof outcome.of === "symbol" ? "the batch" : outcome.of}`;
    case "retry":
      return `retry${outcome.retryAfterMs === null ? "" : ` ${outcome.retryAfterMs}`}${landed}`;
    case "reopened":
      return `reopened above ${outcome.kept}`;
    case "batch":
      return `batch ${outcome.limit} ${outcome.count}`;
    case "declines-deletes":
      return outcome.declines ? "declines deletes" : "may decline anything";
    default:
      return outcome.kind + landed;
  }
}

const LATER = "failure of a, retry";
const LANDED = "failure of a, retry (may have landed)";
const HOLD = "pause denied, denied";

/** What the request was, the replies, what was known, and what that means. */
const ROWS: readonly [Operation, readonly Reply[], Partial<Context>, string][] = [
  // POST: any 2xx = stored.
  [POST, [answer(200), answer(201), answer(202), answer(204), answer(299)], {}, "works, acknowledged"],
  // DELETE: 2xx = gone; 404, 410 = gone too, once the URL is known to be right.
  [DELETE, [answer(200), answer(202), answer(204)], {}, "works, acknowledged"],
  [DELETE, [answer(404), answer(410)], { urlKnown: true }, "works, acknowledged"],
  [DELETE, [answer(404), answer(410)], {}, `${HOLD}, ask-inventory`],
  // ... or where an earlier try may have deleted it: quietly again.
  [DELETE, [answer(404), answer(410)], { isInherited: true }, "reached, retry, ask-inventory"],
  [DELETE, [answer(404)], { attempt: attempt({ mayHaveLanded: true }) }, "reached, retry, ask-inventory"],
  // 405, 501, or 401/403 on DELETE alone = cannot delete.
  [DELETE, [answer(405), answer(501)], {}, "works, undeletable"],
  [DELETE, [answer(401), answer(403)], {}, `${HOLD}, ask-inventory`],
  [DELETE, [answer(401), answer(403), answer(404)], { declinesDeletes: true }, "works, undeletable"],
  [DELETE, [answer(405), answer(501)], { trouble: DENIED }, "undeletable"],
  [DELETE, [answer(405)], { isInherited: true }, "works, undeletable (may have landed)"],
  [
    DELETE,
    [answer(405)],
    { attempt: attempt({ mayHaveLanded: true }) },
    "works, undeletable (may have landed)",
  ],
  // 412: the inserter holds something newer: above it, if that can be.
  [POST, [answer(412, { version: 11 })], {}, "works, reopened above 11, look-again"],
  [DELETE, [answer(412, { version: 11 })], {}, "works, reopened above 11, look-again"],
  [
    POST,
    [answer(412), answer(412, { version: 10 }), answer(412, { version: 2 ** 53 - 1 })],
    {},
    "works, refused",
  ],
  // 408, 425, 429, 5xx, connection trouble, time-out: again later.
  [POST, [answer(408), answer(425)], {}, LATER],
  [POST, [answer(408, { retryAfterMs: 7 })], {}, "failure of a, retry 7"],
  [POST, [answer(500), answer(501), answer(502), answer(503), answer(504), answer(599)], {}, LANDED],
  [DELETE, [answer(500), answer(502), answer(503)], {}, LANDED],
  [POST, [failure("timeout"), failure("broken")], {}, LANDED],
  // 429, and 503 with Retry-After, pause everything; so does an inserter that is not there.
  [POST, [answer(429)], {}, "pause overloaded, deferred"],
  [POST, [answer(429)], { attempt: attempt({ takenBefore: 4 }), upserts: 4 }, "pause overloaded, deferred"],
  // ... unless others were taken since: then it is this article.
  [POST, [answer(429)], { attempt: attempt({ takenBefore: 4 }), upserts: 5 }, LATER],
  [POST, [answer(429, { retryAfterMs: 7 })], {}, "pause overloaded 7, deferred"],
  [POST, [answer(503, { retryAfterMs: 7 })], {}, "pause overloaded 7, deferred (may have landed)"],
  [POST, [failure("connect")], {}, "pause unreachable, deferred"],
  // 401, 403, 404, 405, 407 and 3xx on POST: hold, and probe with another article ...
  [POST, [401, 403, 404, 405, 407, 301, 302, 308].map((status) => answer(status)), {}, HOLD],
  [POST, [answer(403)], { attempt: attempt({ deniedAfter: 4 }), upserts: 4 }, HOLD],
  [POST, [answer(403)], { attempt: attempt({ deniedAfter: 4 }), upserts: 5, trouble: DENIED }, HOLD],
  // ... if that one is taken, the first was refused.
  [POST, [answer(403)], { attempt: attempt({ deniedAfter: 4 }), upserts: 5 }, "refused"],
  // Any other 4xx: this article is refused.
  [POST, [400, 406, 409, 410, 413, 418, 422, 451].map((status) => answer(status)), {}, "works, refused"],
  [DELETE, [400, 409, 422].map((status) => answer(status)), {}, "works, refused"],
  [POST, [answer(422)], { isInherited: true }, "works, refused (may have landed)"],
  [POST, [answer(422)], { attempt: attempt({ mayHaveLanded: true }) }, "works, refused (may have landed)"],
];

test("of one operation are as the table says", () => {
  for (const [operation, replies, context, expected] of ROWS) {
    for (const reply of replies) {
      const actual = short(judge(operation, reply, { ...FRESH, ...context }));
      const what = reply.kind === "answer" ? reply.status : reply.why;
      assert.is(actual, expected, `${operation.kind} ${what} ${JSON.stringify(context)}`);
    }
  }
});

test("give each operation of a request exactly one fate", () => {
  const fates = new Set([
    "acknowledged",
    "reopened",
    "refused",
    "undeletable",
    "retry",
    "denied",
    "deferred",
  ]);
  for (const [operation, replies, context] of ROWS) {
    for (const reply of replies) {
      const outcomes = judge(operation, reply, { ...FRESH, ...context });
      assert.is(outcomes.filter(({ kind }) => fates.has(kind)).length, 1);
    }
  }
  for (const reply of [answer(413), answer(404), answer(401), answer(204), failure("broken")]) {
    const outcomes = judgeBatch([POST, { ...POST, id: "b" }], reply);
    assert.equal(
      outcomes.filter(({ kind }) => fates.has(kind)).map((one) => "operation" in one && one.operation.id),
      ["a", "b"],
    );
  }
});

test("of a batch as a whole are as the table says", () => {
  const rows: readonly [readonly Reply[], string][] = [
    // 413: halve, for good.
    [[answer(413)], "batch too-large 2, deferred, deferred"],
    // Another 4xx on the whole: bisect; denied: one by one, to find the one that is.
    [[answer(400), answer(422), answer(412)], "batch half 2, deferred, deferred"],
    [[answer(401), answer(403), answer(407), answer(308)], "batch single 2, deferred, deferred"],
    // 404, 405, 501: one by one from now on.
    [[answer(404), answer(405), answer(501)], "batch none 2, deferred, deferred"],
    // A 2xx that answers no line.
    [[answer(204)], "batch half 2, deferred, deferred"],
    [[answer(408)], "failure of the batch, batch half 2, deferred, deferred"],
    [
      [answer(500), answer(503), failure("timeout"), failure("broken")],
      "failure of the batch, batch half 2, deferred (may have landed), deferred (may have landed)",
    ],
    [[answer(429, { retryAfterMs: 7 })], "pause overloaded 7, deferred, deferred"],
    [[failure("connect")], "pause unreachable, deferred, deferred"],
    [
      [answer(503, { retryAfterMs: 7 })],
      "pause overloaded 7, deferred (may have landed), deferred (may have landed)",
    ],
  ];
  for (const [replies, expected] of rows) {
    for (const reply of replies) {
      const what = reply.kind === "answer" ? reply.status : reply.why;
      assert.is(short(judgeBatch([POST, { ...POST, id: "b" }], reply)), expected, `${what}`);
    }
  }
});

test("of an inventory that was asked for distinguish one that only cannot delete from one that denies everything", () => {
  const rows: readonly [boolean, boolean, number, string][] = [
    [true, false, 0, "url-known, declines deletes"],
    [true, true, 5, "url-known, may decline anything"],
    [false, false, 5, "declines deletes"],
    [false, false, 0, "may decline anything"],
  ];
  for (const [answered, upsertDenied, upserts, expected] of rows) {
    assert.is(short(judgeInventoryAsked(answered, upsertDenied, { upserts, trouble: null })), expected);
    const over = expected.endsWith("declines deletes") ? `${expected}, works` : expected;
    assert.is(short(judgeInventoryAsked(answered, upsertDenied, { upserts, trouble: DENIED })), over);
  }
});

test("name where a redirect leads, and what to check", () => {
  const hintOf = (reply: Reply): string | null => {
    const [pause] = judge(POST, reply, FRESH);
    return pause?.kind === "pause" ? pause.hint : null;
  };
  assert.match(hintOf(answer(308, { location: "https://x/y" })) ?? "", "redirects to https://x/y;");
  assert.match(hintOf(answer(301)) ?? "", "It redirects;");
  assert.match(hintOf(answer(401)) ?? "", "inserter.token");
  assert.match(hintOf(answer(407)) ?? "", "HTTPS_PROXY");
  assert.match(hintOf(answer(405)) ?? "", "inserter.url");
});

test("keep status, excerpt and time of a refusal", () => {
  const refused = judge(POST, answer(422), FRESH).find(({ kind }) => kind === "refused");
  assert.equal(refused?.kind === "refused" && refused.answer, {
    status: 422,
    excerpt: "why",
    sinceMs: 1_000,
  });
});

test.run();
