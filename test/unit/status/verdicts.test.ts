import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Call, CallKind } from "../../../src/report/watchdog.ts";
import {
  CHECKS,
  healthOf,
  readinessOf,
  type StepFacts,
  stepReasons,
  type Vitals,
} from "../../../src/status/verdicts.ts";

const S = 1_000;
const MIN = 60 * S;
const NOW = 1_000 * MIN;

const well: Vitals = {
  nowMs: NOW,
  turnDueMs: NOW + 2 * S,
  loopMovedMs: NOW - 3 * S,
  calls: [],
  sendableSinceMs: null,
  sentMs: NOW - 3 * S,
  requestTimeoutMs: 10 * S,
  requestIntervalMs: 0,
};

const call = (kind: CallKind, forMs: number, mayTakeLong = false): Call[] => [
  { kind, about: "it", sinceMs: NOW - forMs, mayTakeLong },
];

const health = suite("health");

/** What is known, and the codes that have to come of it. */
const table: readonly [name: string, vitals: Partial<Vitals>, codes: readonly string[]][] = [
  ["all is well", {}, []],
  ["a turn that is a little late", { turnDueMs: NOW - 50 * S, loopMovedMs: NOW - 55 * S }, []],
  ["a turn that is late, in a pass that moves", { turnDueMs: NOW - 90 * MIN, loopMovedMs: NOW - 2 * S }, []],
  ["a pass that last moved two minutes ago", { turnDueMs: NOW - 10 * MIN, loopMovedMs: NOW - 2 * MIN }, []],
  ["a pass that is stuck", { turnDueMs: NOW - 10 * MIN, loopMovedMs: NOW - 3 * MIN }, ["stuck-loop"]],
  ["a loop that overslept", { turnDueMs: NOW - 3 * MIN, loopMovedMs: NOW - 200 * MIN }, ["stuck-loop"]],
  [
    "a long time limit of requests lengthens the patience",
    { turnDueMs: NOW - 10 * MIN, loopMovedMs: NOW - 4 * MIN, requestTimeoutMs: 2 * MIN },
    [],
  ],
  [
    "a clock put forward: the turn seems late, yet something moved just now",
    { turnDueMs: NOW - 60 * MIN, loopMovedMs: NOW - 5 * S },
    [],
  ],
  ["git is busy", { calls: call("head", 2 * MIN) }, []],
  ["git hangs", { calls: call("head", 4 * MIN) }, ["stuck-call"]],
  ["a blob never comes", { calls: call("read", 4 * MIN) }, ["stuck-call"]],
  ["a comparison never ends", { calls: call("compare", 4 * MIN) }, ["stuck-call"]],
  ["a queue of hostile articles", { calls: call("parse", 9 * MIN) }, []],
  ["a wedged renderer", { calls: call("parse", 11 * MIN) }, ["stuck-call"]],
  ["a held article that gets ten times the time", { calls: call("parse", 11 * MIN, true) }, []],
  ["a slow request", { calls: call("send", 80 * S) }, []],
  ["a request that outlives its limit", { calls: call("send", 2 * MIN) }, ["stuck-call"]],
  ["an inventory that outlives its limit", { calls: call("inventory", 2 * MIN) }, ["stuck-call"]],
  [
    "many of a kind are reported once",
    { calls: [...call("send", 5 * MIN), ...call("send", 4 * MIN), ...call("read", 4 * MIN)] },
    ["stuck-call", "stuck-call"],
  ],
  ["changes that just began to wait", { sendableSinceMs: NOW - 1 * S, sentMs: NOW - 100 * MIN }, []],
  ["changes that wait while others go", { sendableSinceMs: NOW - 60 * MIN, sentMs: NOW - 1 * S }, []],
  ["delivery sleeps", { sendableSinceMs: NOW - 5 * MIN, sentMs: NOW - 100 * MIN }, ["stuck-delivery"]],
  [
    "a rate of one request in ten minutes",
    { sendableSinceMs: NOW - 5 * MIN, sentMs: NOW - 100 * MIN, requestIntervalMs: 10 * MIN },
    [],
  ],
];

for (const [name, vitals, codes] of table) {
  health(name, () => {
    const verdict = healthOf({ ...well, ...vitals });
    assert.equal(
      verdict.reasons.map(({ code }) => code),
      codes,
    );
    assert.is(verdict.ok, codes.length === 0);
    for (const { message, hint } of verdict.reasons) assert.ok(message.length > 20 && hint.length > 0);
  });
}

health("a reason names what hangs and for how long", () => {
  const { reasons } = healthOf({ ...well, calls: call("parse", 20 * MIN) });
  assert.is(reasons[0]?.message, "Parsing it has not ended for 1200 s");
});

health.run();

const step = suite("step");

const T = "2026-08-07T12:00:00.000Z";
const calm: StepFacts = {
  started: T,
  firstPassDone: true,
  phase: "following",
  waiting: null,
  unreadable: null,
  ahead: null,
  pending: { count: 0, since: null },
  brake: null,
  conflict: null,
  endpoint: null,
  stateTrouble: null,
  config: null,
};

/** Facts, the reasons they give, and whether the agent is ready all the same. */
const steps: readonly [name: string, facts: Partial<StepFacts>, codes: readonly string[], ready: boolean][] =
  [
    ["in step", {}, [], true],
    ["starting", { firstPassDone: false }, ["starting"], false],
    [
      "starting says it all: what is ahead is no news",
      { firstPassDone: false, ahead: { revision: "abc", since: T } },
      ["starting"],
      false,
    ],
    ["a new revision", { ahead: { revision: "abc", since: T } }, ["new-revision"], true],
    ["changes on their way", { pending: { count: 3, since: T } }, ["pending"], true],
    [
      "the repository is being cloned again",
      {
        phase: "waiting-for-repository",
        waiting: { reason: "no link", hint: "", since: T, isTrouble: false },
      },
      ["waiting-for-repository"],
      true,
    ],
    [
      "the commit of HEAD is damaged",
      {
        phase: "waiting-for-repository",
        waiting: { reason: "it is damaged", hint: "", since: T, isTrouble: true },
      },
      ["repository-unreadable"],
      false,
    ],
    [
      "a tree is missing",
      { unreadable: { revision: "abc", reason: "no tree", hint: "", since: T } },
      ["repository-unreadable"],
      false,
    ],
    [
      "the inserter is not up yet",
      { phase: "waiting-for-inserter", waiting: { reason: "refused", hint: "", since: T, isTrouble: false } },
      ["waiting-for-inserter"],
      false,
    ],
    [
      "the inserter is down",
      { endpoint: { message: "refused", hint: null, since: T }, pending: { count: 1, since: T } },
      ["inserter-trouble", "pending"],
      false,
    ],
    ["the brake", { brake: { deletes: 20, owned: 30, cause: null, since: T, hint: "" } }, ["brake"], false],
    [
      "the first commit is still to come",
      {
        phase: "waiting-for-repository",
        waiting: { reason: "no commit yet", hint: "", since: T, isTrouble: false, isUnborn: true },
      },
      ["waiting-for-commit"],
      true,
    ],
    ["a faulty configuration", { config: { message: "ref: a number", since: T } }, ["config-invalid"], true],
    ["a full disk", { stateTrouble: { message: "full", since: T } }, ["state-trouble"], false],
    ["no daemon runs", { phase: "not-running", firstPassDone: false }, ["not-running"], false],
  ];

for (const [name, facts, codes, ready] of steps) {
  step(name, () => {
    const reasons = stepReasons({ ...calm, ...facts });
    assert.equal(
      reasons.map(({ code }) => code),
      codes,
    );
    assert.is(readinessOf(reasons).ok, ready);
  });
}

step("speaks of one change as of one", () => {
  assert.is(
    stepReasons({ ...calm, pending: { count: 1, since: T } })[0]?.message,
    "1 change is not acknowledged yet",
  );
});

step("says how what is pending failed", () => {
  const pending = { count: 2, since: T, problem: "inserter answered 500" };
  assert.match(
    stepReasons({ ...calm, pending })[0]?.message ?? "",
    /2 changes .*failed: inserter answered 500$/,
  );
});

step("each reason for which a probe is red belongs to one of its checks", () => {
  const checked = Object.values(CHECKS.readyz).flat();
  for (const [, facts] of steps) {
    for (const { code } of readinessOf(stepReasons({ ...calm, ...facts })).reasons)
      assert.is(checked.filter((one) => one === code).length, 1, code);
  }
});

step.run();
