/** Prometheus' own checker, from Debian's package `prometheus`, where it is installed. */
import { execFileSync, spawnSync } from "node:child_process";

/** `PROMTOOL`, or the one on the path; null if there is none. */
export const promtool: string | null =
  [process.env["PROMTOOL"] ?? "", "promtool"].find(
    (path) => path !== "" && spawnSync(path, ["--version"]).status === 0,
  ) ?? null;

/** Runs it. @throws {Error} With what it says, when it finds something wrong. */
export function runPromtool(args: readonly string[], input = ""): string {
  try {
    return execFileSync(promtool ?? "promtool", args, { input, encoding: "utf8", stdio: "pipe" });
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`promtool ${args.join(" ")}: ${stdout}${stderr}`, { cause: error });
  }
}
