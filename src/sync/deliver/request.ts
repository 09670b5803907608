import type { Operation } from "../model.ts";
import type { Outgoing, World } from "../ports.ts";
import { retryDelayMs } from "../retry.ts";
import { rebuildBody } from "./bodies.ts";
import { LOOK_AGAIN, type Outcome } from "./judge.ts";
import type { DeliveryMemory } from "./memory.ts";

/** Bytes of one batch, as the protocol has it. */
const BATCH_BYTES_MAX = 8 * 1024 * 1024;
/** What a line of a batch has around its payload, at most. */
const LINE_BYTES = 256;
/** A repository that could not be read is tried again within these, milliseconds. */
const REPOSITORY_BOUNDS = { minMs: 200, maxMs: 30_000 };
/** Bodies rebuilt at the same time. */
const REBUILDS = 8;

/** An operation with its body; null for a delete. */
export interface Ready {
  readonly operation: Operation;
  readonly body: Uint8Array | null;
}

/** Operations that go into one request, and what became of those that do not. */
export interface Request {
  readonly ready: readonly Ready[];
  readonly outcomes: readonly Outcome[];
}

/** Puts a request together: the bodies that can be had, as many as fit. */
export async function prepareRequest(
  group: readonly Operation[],
  world: World,
  memory: DeliveryMemory,
): Promise<Request> {
  const ready: Ready[] = [];
  const outcomes: Outcome[] = [];
  const defer = (operation: Operation): unknown =>
    outcomes.push({ kind: "deferred", operation, mayHaveLanded: false });
  let sizeBytes = 0;
  let next = 0;
  while (next < group.length && sizeBytes <= BATCH_BYTES_MAX) {
    const some = group.slice(next, next + REBUILDS);
    next += REBUILDS;
    for (const made of await Promise.all(some.map((operation) => withBody(operation, world, memory)))) {
      if (Array.isArray(made)) {
        outcomes.push(...made);
        continue;
      }
      sizeBytes += (made.body?.length ?? 0) + LINE_BYTES;
      if (ready.length === 0 || sizeBytes <= BATCH_BYTES_MAX) ready.push(made);
      else defer(made.operation);
    }
  }
  group.slice(next).forEach(defer);
  return { ready, outcomes };
}

/** The operation with its body; or, where there is nothing to send for it now, what becomes of it. */
async function withBody(
  operation: Operation,
  world: World,
  memory: DeliveryMemory,
): Promise<Ready | Outcome[]> {
  if (operation.kind === "delete") return { operation, body: null };
  const kept = memory.bodies.get(operation.id, operation.digest);
  if (kept !== null) return { operation, body: kept };
  const rebuilt = await rebuildBody(world, operation, world.clock.nowMs());
  if (rebuilt.kind === "unreadable") {
    const delayMs = retryDelayMs(memory.repository.lost(), REPOSITORY_BOUNDS, world.random(), null);
    memory.repository.opensMs = world.clock.elapsedMs() + delayMs;
    return [{ kind: "deferred", operation, mayHaveLanded: false }];
  }
  memory.repository.wasRead();
  if (rebuilt.kind === "body") return { operation, body: rebuilt.body };
  if (rebuilt.kind === "obsolete") return [{ kind: "reopened", operation, kept: null }, LOOK_AGAIN];
  const { reason, other, stale } = rebuilt;
  if (other !== null) await memory.keepBody(operation.id, other.digest, other.body);
  const retry: Outcome = { kind: "retry", operation, reason, retryAfterMs: null, mayHaveLanded: false };
  return stale ? [retry, LOOK_AGAIN] : [retry];
}

export function outgoing({ operation, body }: Ready): Outgoing {
  const { kind, id, version } = operation;
  return { kind, id, version, digest: operation.kind === "upsert" ? operation.digest : null, body };
}
