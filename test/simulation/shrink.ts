import { CONFIGS } from "./content.ts";
import { NO_FAULTS } from "./director.ts";
import type { Faults, History } from "./history.ts";
import { simulate } from "./simulate.ts";

/** Tries before it is good enough. */
const TRIES_MAX = 600;

/** A shorter history that fails in the same way. */
export async function shrink(history: History, kind: string): Promise<History> {
  let best = history;
  let tries = 0;
  const attempt = async (candidate: History): Promise<boolean> => {
    if (++tries > TRIES_MAX) return false;
    const { failure } = await simulate(candidate);
    if (failure?.kind !== kind) return false;
    best = candidate;
    return true;
  };
  for (let before = Number.POSITIVE_INFINITY; size(best) < before; ) {
    before = size(best);
    for (const key of ["events", "walk", "files", "foreign"] as const) await shorten(key);
    for (const fault of Object.keys(NO_FAULTS) as (keyof Faults)[]) {
      if (best.faults[fault] > 0) await attempt({ ...best, faults: { ...best.faults, [fault]: 0 } });
    }
    await simplify();
  }
  return best;

  /** Leaves out ever smaller runs of a list. */
  async function shorten(key: "events" | "walk" | "files" | "foreign"): Promise<void> {
    for (let run = best[key].length; run >= 1; run = Math.floor(run / 2)) {
      for (let at = best[key].length - run; at >= 0; at -= run) {
        await attempt({ ...best, [key]: best[key].toSpliced(at, run) });
      }
    }
  }

  async function simplify(): Promise<void> {
    const { setup, abilities } = best;
    const plainer: History[] = [
      { ...best, siege: null },
      { ...best, poison: null },
      { ...best, config: CONFIGS.findIndex(({ name }) => name === "plain") },
      { ...best, setup: { ...setup, mode: "daemon" } },
      { ...best, setup: { ...setup, startup: "verify" } },
      { ...best, setup: { ...setup, scope: "owned" } },
      { ...best, setup: { ...setup, concurrency: 1 } },
      { ...best, setup: { ...setup, ratePerSecond: 0 } },
      { ...best, setup: { ...setup, batch: false } },
      { ...best, setup: { ...setup, sizes: { ids: 256, files: 64 } } },
      { ...best, setup: { ...setup, bodiesBytes: 100_000 } },
      { ...best, setup: { ...setup, remembers: false } },
      { ...best, setup: { ...setup, sweeps: false } },
      { ...best, abilities: { ...abilities, inventory: "full" } },
      { ...best, abilities: { ...abilities, batch: 0 } },
      { ...best, abilities: { ...abilities, deletes: "yes" } },
      { ...best, abilities: { ...abilities, honoursVersions: true } },
      { ...best, abilities: { ...abilities, alters: false } },
    ];
    for (const candidate of plainer) {
      if (JSON.stringify(candidate) !== JSON.stringify(best))
        await attempt({ ...candidate, events: best.events });
    }
  }
}

function size({ events, walk, files, faults }: History): number {
  return events.length + walk.length + files.length + Object.values(faults).filter((rate) => rate > 0).length;
}
