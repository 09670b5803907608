import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { findPlace } from "./place.ts";

/**
 * Where authors push: the URL of the remote `origin`, without credentials. Read from the repository's own
 * configuration, without git.
 *
 * @param repo Absolute path of the repository or of a link to it.
 * @returns An http(s), ssh or scp-like address; null where there is none, or it is a path of this machine.
 */
export async function originOf(repo: string): Promise<string | null> {
  const place = await findPlace(repo);
  if (place.kind !== "place") return null;
  const config = await readFile(join(place.commonDir, "config"), "utf8").catch(() => "");
  const [, section = ""] = /^\[remote "origin"\]\n((?:[ \t]+.*\n?)*)/m.exec(config) ?? [];
  const [, url = ""] = /^\s*url\s*=\s*(\S+)\s*$/m.exec(section) ?? [];
  if (/^[\w.-]+@[\w.-]+:/.test(url)) return url;
  const parsed = /^(https?|ssh):\/\//.test(url) ? URL.parse(url) : null;
  if (parsed === null) return null;
  parsed.password = "";
  // The user's name is a credential with HTTP, and a part of the address with SSH.
  if (parsed.protocol !== "ssh:") parsed.username = "";
  return parsed.href;
}
