import { readFileSync } from "node:fs";
import { resolve } from "node:path";

/** The oldest runtimes that the program runs on, as `engines` of package.json has them: `major.minor`. */
export function oldestRuntimes(): Readonly<Record<"node" | "deno", string>> {
  const path = resolve(import.meta.dirname, "../../package.json");
  const { engines } = JSON.parse(readFileSync(path, "utf8"));
  return { node: engines.node.replace(">=", ""), deno: engines.deno.replace(">=", "") };
}

/**
 * A statement that ends the program with one line and exit code 2 on a runtime that is too old; in words
 * that Node has understood since it knows modules.
 */
export function runtimeCheck(): string {
  const { node, deno } = oldestRuntimes();
  return `(function (isDeno) {
  var found = isDeno ? Deno.version.deno : process.versions.node;
  var oldest = isDeno ? "${deno}" : "${node}";
  var a = found.split(".").map(Number), b = oldest.split(".").map(Number);
  if (a[0] > b[0] || (a[0] === b[0] && a[1] >= b[1])) return;
  console.error("sync-agent needs " + (isDeno ? "Deno " : "Node ") + oldest + " or newer (this is " + found +
    "). The executable and the image bring their own.");
  (isDeno ? Deno : process).exit(2);
})(typeof Deno !== "undefined");`;
}
