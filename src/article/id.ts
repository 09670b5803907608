import type { Code } from "../messages/problems.ts";
import type { Problem } from "../sync/model.ts";

const SIZE_BYTES_MAX = 512;

/**
 * Why an URL cannot carry this id safely, or null if it can. `.` and `..` vanish when a path is resolved,
 * whatever is encoded; control characters and half characters do not survive encoding everywhere.
 */
export function unsafeId(id: string): { readonly code: Code; readonly params: Problem["params"] } | null {
  if (id === "." || id === "..") return { code: "unsafe-id-dots", params: { id } };
  if (/\p{Cc}/u.test(id)) return { code: "unsafe-id-control", params: {} };
  if (!id.isWellFormed()) return { code: "unpaired-surrogate", params: { key: "id" } };
  const sizeBytes = Buffer.byteLength(id);
  if (sizeBytes > SIZE_BYTES_MAX)
    return { code: "unsafe-id-long", params: { sizeBytes, maxBytes: SIZE_BYTES_MAX } };
  return null;
}
