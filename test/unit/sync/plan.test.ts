/** What one id needs, and why. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { blankEntry } from "../../../src/sync/entry.ts";
import type { Entry } from "../../../src/sync/model.ts";
import { decide, type PlanRules } from "../../../src/sync/plan/plan.ts";

const test = suite("decisions");

const winner = { path: "a.md", blob: "1", digest: "d" };
const rules: PlanRules = { scope: "owned", retryRefused: true, resend: "all", resendUpTo: 9 };
const departure = (): never => {
  throw new Error("not asked for: a file has it");
};

function causeOf(entry: Partial<Entry>): string {
  const known = { ...blankEntry("a"), path: "a.md", blob: "1", ...entry };
  const decision = decide({ id: "a", winner, entry: known }, rules, departure);
  return decision.kind === "upsert" ? decision.cause : decision.kind;
}

test("what stands there and is meant to be sent again is a resend, also after a repair", () => {
  const acknowledged = { digest: "d", version: 1 };
  assert.is(causeOf({ acknowledged }), "resend");
  assert.is(causeOf({ acknowledged, repaired: "d" }), "resend");
});

test("what is listed otherwise than it was sent has drifted", () => {
  assert.is(causeOf({ acknowledged: { digest: "other", version: 1 }, repaired: "d" }), "drift");
});

test.run();
