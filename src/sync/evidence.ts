import type { Sink } from "./ports.ts";

/**
 * Whether the inserter answers an inventory request: then its URL and credentials are right, which a
 * denied delete alone cannot tell. The listing itself is closed unread.
 *
 * @returns False where it has no inventory; null where nobody can tell.
 */
export async function answersInventory(sink: Sink, signal: AbortSignal): Promise<boolean | null> {
  const reply = await sink.inventory(null, signal).catch(() => null);
  if (reply === null || reply.kind === "unknown") return null;
  if (reply.kind === "listing") await reply.pages[Symbol.asyncIterator]().return?.();
  return reply.kind !== "none";
}
