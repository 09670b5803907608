import { type Sink, StateUnavailable } from "../ports.ts";

/**
 * Asks whether the inserter answers an inventory request: then its URL and credentials are right, which a
 * denied delete alone cannot tell. The listing itself is closed unread.
 *
 * @param judge Told what came of it, false where there is no inventory; not called where nobody can tell.
 * When the state is not to be had it is let off: whatever is denied next asks again.
 */
export async function withEvidence(
  sink: Sink,
  signal: AbortSignal,
  judge: (answered: boolean) => void,
): Promise<void> {
  const reply = await sink.inventory(null, signal).catch(() => null);
  if (reply === null || reply.kind === "unknown") return;
  if (reply.kind === "listing") await reply.pages[Symbol.asyncIterator]().return?.();
  try {
    judge(reply.kind !== "none");
  } catch (error) {
    if (!(error instanceof StateUnavailable)) throw error;
  }
}
