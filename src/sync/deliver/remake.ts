import type { Pending } from "../model.ts";
import { recordFile } from "../plan/manifest.ts";
import { type Articles, type Content, ObjectsGone, type Source, type State } from "../ports.ts";

/** Extra time to make a body again that could be made once. */
const PATIENCE = 10;

/** What came of making a body again. */
export type Remade =
  | { readonly kind: "body"; readonly body: Uint8Array }
  /** Not now. `stale`: a pass should look again. `other`: the payload that the file has by now. */
  | {
      readonly kind: "later";
      readonly message: string;
      readonly stale: boolean;
      readonly other: { readonly digest: string; readonly body: Uint8Array } | null;
    }
  /** It never can be, and no file wants it: the operation has had its day. */
  | { readonly kind: "moot" };

/** Makes the body of an upsert once more, from the blob that it was begun with. */
export async function remakeBody(
  world: { readonly source: Source; readonly articles: Articles; readonly state: State },
  id: string,
  operation: Extract<Pending, { kind: "upsert" }>,
  nowMs: number,
): Promise<Remade> {
  const { source, articles, state } = world;
  const { path, blob, digest, version } = operation;
  const content = await readOrNot(source, blob);
  if (content === null) return later("its repository cannot be read", false);
  const isWanted = (): boolean => state.claim(id, nowMs).winner !== null;
  if (content.kind === "missing") {
    return isWanted() ? later("its blob is no longer in the repository", true) : { kind: "moot" };
  }
  const { verdict, body } = await articles.parse(path, blob, content, PATIENCE);
  if (verdict.kind === "article" && verdict.digest === digest && body !== null) return { kind: "body", body };
  // A hook that is no function of its input: what it says now is what the next pass plans.
  const row = state.file(path);
  const isPlanned =
    row?.blob === blob &&
    row.fingerprint === articles.fingerprint &&
    row.verdict.kind === "article" &&
    row.verdict.digest === digest;
  const isCurrent = isPlanned && state.entry(id)?.pending?.version === version;
  if (isCurrent) {
    state.transaction(() => {
      state.touch(recordFile(state, { path, blob }, verdict, row.fingerprint));
    });
  }
  if (!isWanted()) return { kind: "moot" };
  const other =
    isCurrent && verdict.kind === "article" && body !== null ? { digest: verdict.digest, body } : null;
  return { kind: "later", message: "its payload came out differently than planned", stale: isCurrent, other };
}

function later(message: string, stale: boolean): Remade {
  return { kind: "later", message, stale, other: null };
}

async function readOrNot(source: Source, blob: string): Promise<Content | null> {
  try {
    return await source.read(blob);
  } catch (error) {
    if (error instanceof ObjectsGone) return null;
    throw error;
  }
}
