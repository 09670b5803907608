/** Memory and CPU time of a process, as the kernel counts them (Linux). */
import { readdirSync, readFileSync } from "node:fs";

/** Clock ticks a second in `/proc/<pid>/stat`; 100 on every Linux that Node runs on. */
const TICKS = 100;

/** Resident memory now and at its highest, bytes. */
export interface Memory {
  readonly residentBytes: number;
  readonly peakBytes: number;
}

export function memoryOf(pid: number): Memory {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const bytes = (key: string): number =>
    Number(new RegExp(`^${key}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) * 1024;
  return { residentBytes: bytes("VmRSS"), peakBytes: bytes("VmHWM") };
}

/** Processes below one, itself first. */
export function familyOf(pid: number): number[] {
  const family = [pid];
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const parent = Number(statOf(Number(name))[1]);
      if (parent === pid) family.push(...familyOf(Number(name)));
    } catch {
      // It has ended.
    }
  }
  return family;
}

/** CPU time of a process and its children, ended ones included, milliseconds; in steps of 10. */
export function cpuMsOf(pid: number): number {
  let ticks = 0;
  for (const member of familyOf(pid)) {
    const fields = statOf(member);
    for (const index of [11, 12, 13, 14]) ticks += Number(fields[index]);
  }
  return (ticks * 1_000) / TICKS;
}

/** CPU time of the running threads of a process and its children, milliseconds; exact enough for an idle one. */
export function fineCpuMsOf(pid: number): number {
  let nanoseconds = 0;
  for (const member of familyOf(pid)) {
    for (const thread of readdirSync(`/proc/${member}/task`)) {
      nanoseconds += Number(readFileSync(`/proc/${member}/task/${thread}/schedstat`, "utf8").split(" ")[0]);
    }
  }
  return nanoseconds / 1e6;
}

/** Fields of `/proc/<pid>/stat` from the state on: 0 state, 1 parent, 11 utime, 12 stime, 13 and 14 of children. */
function statOf(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}
