/**
 * Frees the memory of a chunk of output that is not needed any more. Left to the garbage collector, what git
 * prints is most of what there is to collect, and brings on full collections.
 */
export function giveBack(chunk: Uint8Array): void {
  const { buffer } = chunk;
  // What shares its memory with others is not ours to free: the runtime cuts small ones out of a pool.
  if (chunk.byteLength === buffer.byteLength && buffer instanceof ArrayBuffer) buffer.transfer(0);
}
