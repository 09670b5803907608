/** Reading a file of which nothing is known: the one place in this room that does. */
import { closeSync, fstatSync, lstatSync, openSync, readSync } from "node:fs";
import { constants, type FileHandle, open, stat } from "node:fs/promises";

/** What was found: `other` is a pipe, a device, a folder: whatever is no regular file. */
export type FileContent =
  | { readonly kind: "bytes"; readonly bytes: Buffer }
  | { readonly kind: "too-large"; readonly sizeBytes: number }
  | { readonly kind: "other" };

/**
 * Reads a regular file of a bounded size. A pipe or a device is not even opened: its reader may wait for ever.
 *
 * @param flags Added to those it is opened with, such as `O_NOFOLLOW`.
 * @returns Null when it is not there; also for a link, where none is to be followed.
 * @throws {Error} Of the file system, with its `code`.
 */
export async function readRegularFile(
  path: string,
  sizeBytesMax: number,
  flags = 0,
): Promise<FileContent | null> {
  try {
    if (!(await stat(path)).isFile()) return { kind: "other" };
    // Between the two looks a pipe may have taken its place.
    const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK | flags);
    try {
      return await contentOf(file, sizeBytesMax);
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || (code === "ELOOP" && (flags & constants.O_NOFOLLOW) !== 0)) return null;
    throw error;
  }
}

/**
 * The same at once, and no link is followed: of tens of thousands of small files most time would go into waiting
 * for each.
 */
export function readRegularFileNow(path: string, sizeBytesMax: number): FileContent | null {
  let file: number | null = null;
  try {
    if (!lstatSync(path).isFile()) return { kind: "other" };
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    const stats = fstatSync(file);
    if (!stats.isFile()) return { kind: "other" };
    if (stats.size > sizeBytesMax) return { kind: "too-large", sizeBytes: stats.size };
    // What it has grown by meanwhile is for the next look.
    const bytes = Buffer.allocUnsafeSlow(stats.size);
    let length = 0;
    for (let read = 1; read > 0 && length < bytes.length; length += read) {
      read = readSync(file, bytes, length, bytes.length - length, null);
    }
    return { kind: "bytes", bytes: bytes.subarray(0, length) };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ELOOP") return null;
    throw error;
  } finally {
    if (file !== null) closeSync(file);
  }
}

async function contentOf(file: FileHandle, sizeBytesMax: number): Promise<FileContent> {
  const stats = await file.stat();
  if (!stats.isFile()) return { kind: "other" };
  if (stats.size > sizeBytesMax) return { kind: "too-large", sizeBytes: stats.size };
  // It may grow meanwhile: one byte more than there were shows that.
  let bytes = Buffer.allocUnsafeSlow(stats.size + 1);
  for (let length = 0; ; ) {
    const { bytesRead } = await file.read(bytes, length, bytes.length - length);
    length += bytesRead;
    if (bytesRead === 0) return { kind: "bytes", bytes: bytes.subarray(0, length) };
    if (length > sizeBytesMax) return { kind: "too-large", sizeBytes: length };
    if (length === bytes.length) bytes = Buffer.concat([bytes], Math.min(2 * length, sizeBytesMax) + 1);
  }
}
