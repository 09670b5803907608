/** Draws a history from a seed. */
import { CONFIGS, type Kind, type Node, read, type Text, write } from "./content.ts";
import { Dice } from "./dice.ts";
import type { Event, Faults, Happening, History, Poison, Setup, Survival } from "./history.ts";
import type { Abilities, Weather } from "./inserter.ts";

/** Time of day when every simulation begins, epoch milliseconds. */
export const WALL_START_MS = 1_700_000_000_000;

const PATHS = ["a.md", "b.md", "b/x.md", "c.md", "c/d.md", "d.md", "e.md", "ｱ.md", "😀.md"];
const IDS = ["i1", "i2", "i3", "i4", "i5", "あ", "theirs"];
const GAPS_MS = [0, 0, 1, 5, 20, 300, 3_000, 20_000, 20_000, 60_000, 150_000];

/** A history and nothing left to chance but what is drawn while it runs. */
export function drawHistory(seed: number): History {
  const dice = new Dice(seed);
  const setup = drawSetup(dice);
  // Drawn apart: what was drawn before it came stays the same.
  const abilities = { ...drawAbilities(dice), alters: new Dice(seed ^ 0x5bd1e995).chance(0.15) };
  const faults = drawFaults(dice);
  const config = dice.chance(0.7) ? 0 : dice.below(CONFIGS.length);
  const isBig = dice.chance(0.15);
  const author = new Author(dice, isBig);
  const files = dice.chance(0.1) ? [] : author.firstTree();
  const foreign = ["foreign", ...(dice.chance(0.3) ? ["theirs"] : [])];
  const events: Event[] = [];
  const length = dice.between(2, 22);
  for (let i = 0; i < length; i++) {
    const gap = dice.pick(GAPS_MS);
    events.push({ afterMs: gap * (dice.chance(0.5) ? 1 : dice.next()), what: drawHappening(dice, author) });
  }
  const walk = Array.from({ length: dice.below(4) }, () => author.commit());
  const siege = dice.chance(0.03) ? dice.pick(WEATHERS) : null;
  const poison = drawPoison(new Dice(seed ^ 0x1b873593));
  return { seed, setup, abilities, faults, config, foreign, files, events, walk, siege, poison };
}

function drawSetup(dice: Dice): Setup {
  return {
    mode: dice.chance(0.12) ? "once" : "daemon",
    startup: dice.weighted([
      [6, "verify"],
      [1, "full"],
      [2, "resume"],
    ]),
    scope: dice.weighted<Setup["scope"]>([
      [10, "owned"],
      [1, "all"],
      [1, "none"],
    ]),
    maxFraction: dice.pick([0.5, 0.5, 0.2, 1]),
    pollMs: dice.pick([2_000, 10_000, 30_000]),
    driftMs: dice.pick([30_000, 60_000]),
    resyncMs: dice.pick([120_000, 300_000]),
    retry: dice.pick([
      { minMs: 200, maxMs: 60_000 },
      { minMs: 100, maxMs: 10_000 },
    ]),
    concurrency: dice.pick([1, 2, 8]),
    ratePerSecond: dice.chance(0.05) ? 5 : 0,
    batch: dice.weighted<Setup["batch"]>([
      [5, "auto"],
      [2, false],
      [1, 3],
    ]),
    bodiesBytes: dice.pick([60, 300, 100_000]),
    sizes: dice.pick([
      { ids: 256, files: 64 },
      { ids: 3, files: 1 },
      { ids: 2, files: 2 },
    ]),
    hints: dice.pick([0, 0.5, 1]),
    remembers: dice.chance(0.6),
    sweeps: dice.chance(0.6),
  };
}

function drawAbilities(dice: Dice): Omit<Abilities, "alters"> {
  return {
    inventory: dice.weighted([
      [5, "full"],
      [1, "bare"],
      [2, "none"],
    ]),
    batch: dice.pick([0, 0, 2, 5, 500]),
    honoursVersions: dice.chance(0.7),
    deletes: dice.weighted<Abilities["deletes"]>([
      [9, "yes"],
      [1, 405],
      [1, 403],
    ]),
    absent: dice.pick([204, 404]),
  };
}

function drawFaults(dice: Dice): Faults {
  const some = (rate: number): number => (dice.chance(0.35) ? rate * dice.next() : 0);
  return {
    lostRequest: some(0.3),
    lostAnswer: some(0.3),
    late: some(0.3),
    error: some(0.3),
    errorApplied: some(0.2),
    busy: some(0.2),
    badLine: some(0.3),
    staleInventory: some(0.3),
    cutInventory: some(0.3),
    stateWrite: some(0.15),
    brokenRead: some(0.1),
  };
}

const YEARS_MS = 20 * 31_557_600_000;
/** How far a clock may be set at once. */
const JUMPS_MS = [-YEARS_MS, -7_200_000, -60_000, -1_000, 2_500, 60_000, 7_200_000, YEARS_MS];
/** Drawn apart, too. */
function drawPoison(dice: Dice): Poison | null {
  if (!dice.chance(0.04)) return null;
  const statuses = [500, 503, 429, 401, 403, 404, 408, 412] as const;
  const count = dice.pick([3, 12, 25]);
  return {
    count,
    statuses: [dice.pick(statuses), dice.pick(statuses)],
    restarts: dice.chance(0.5),
    isMute: dice.chance(0.4),
  };
}

const WEATHERS: readonly Weather[] = ["unreachable", "silent", 500, 503, 429, 401, 403, 404, 302];

function drawHappening(dice: Dice, author: Author): Happening {
  const forMs = dice.pick([100, 2_000, 15_000, 90_000, 300_000]);
  const draw = dice.weighted<() => Happening>([
    [50, () => author.commit()],
    [3, () => author.replace(dice.chance(0.4) ? [] : author.firstTree())],
    [4, () => ({ do: "rewind", back: dice.between(1, 4) })],
    [2, () => ({ do: "away", forMs })],
    [1, () => ({ do: "broken", forMs })],
    [2, () => ({ do: "missing", path: author.somePath(), forMs })],
    [
      8,
      () => ({
        do: "weather",
        weather: dice.pick(WEATHERS),
        forMs,
        retryAfterMs: dice.chance(0.5) ? dice.pick([1_000, 30_000, 3_600_000]) : null,
      }),
    ],
    [3, () => ({ do: "refuse", id: dice.pick(IDS), status: dice.pick([422, 400, 409, 403, 500]), forMs })],
    [2, () => ({ do: "wipe" })],
    [2, () => ({ do: "back-up" })],
    [2, () => ({ do: "restore" })],
    [1, () => ({ do: "foreign", id: dice.pick(["foreign", "theirs", "i1"]) })],
    [9, () => drawCrash(dice)],
    [3, () => ({ do: "restart", downMs: dice.pick([0, 1_000, 60_000]), config: drawConfig(dice) })],
    [3, () => ({ do: "reload", config: drawConfig(dice), first: dice.pick(["reload", "resync"]) })],
    [3, () => ({ do: "save-state" })],
    [4, () => ({ do: "clock", byMs: dice.pick(JUMPS_MS) })],
    [2, () => ({ do: "disk-full", forMs, reads: dice.chance(0.2) })],
    [2, () => ({ do: "hint" })],
    [2, () => ({ do: "resync" })],
    [1, () => ({ do: "approve" })],
  ]);
  return draw();
}

function drawCrash(dice: Dice): Happening {
  const state = dice.weighted<Survival>([
    [6, "kept"],
    [1, "lost"],
    [1, "rolled-back"],
    [1, "torn"],
  ]);
  const calls = Math.floor(2 ** (dice.next() * 9));
  return { do: "crash", calls, downMs: dice.pick([0, 50, 5_000, 100_000]), state };
}

function drawConfig(dice: Dice): number | null {
  return dice.chance(0.5) ? dice.below(CONFIGS.length) : null;
}

/** Writes commits that make sense after one another. */
class Author {
  readonly #dice: Dice;
  readonly #paths: readonly string[];
  readonly #ids: readonly string[];
  #tree = new Map<string, Node>();
  #edit = 0;
  readonly #old: [string, Node][] = [];

  constructor(dice: Dice, isBig: boolean) {
    this.#dice = dice;
    const many = isBig ? Array.from({ length: 26 }, (_, i) => `${String(i).padStart(2, "0")}`) : [];
    this.#paths = isBig ? many.map((n) => `${n}.md`) : PATHS;
    this.#ids = isBig ? [...many.map((n) => `n${n}`), "theirs"] : IDS;
  }

  /** A tree in which each path has an id of its own. */
  firstTree(): [string, Node][] {
    const count =
      this.#paths.length > 20 ? this.#paths.length - this.#dice.below(6) : this.#dice.between(1, 7);
    this.#tree = new Map();
    for (let i = 0; i < count; i++) {
      const path = this.#paths[i % this.#paths.length] as string;
      this.#tree.set(path, this.#text({ id: this.#ids[i % this.#ids.length] as string }));
    }
    return [...this.#tree];
  }

  somePath(): string {
    return this.#dice.pick(this.#paths);
  }

  #text(fields: Partial<Text>): Node {
    const kind: Kind = "good";
    const untimed = { dateMs: null, expiresMs: null };
    return write({ kind, id: this.#dice.pick(this.#ids), edit: this.#edit++, ...untimed, ...fields });
  }

  replace(files: [string, Node][]): Happening {
    this.#tree = new Map(files);
    return { do: "replace", files };
  }

  commit(): Happening {
    const changes = new Map<string, Node | null>();
    const count = this.#dice.weighted([
      [70, 1],
      [20, 2],
      [8, 4],
      [4, 14],
    ]);
    for (let i = 0; i < count; i++) this.#edited(changes);
    return { do: "commit", changes: [...changes] };
  }

  #edited(changes: Map<string, Node | null>): void {
    const dice = this.#dice;
    const present = [...this.#tree.keys()];
    const set = (path: string, node: Node | null): void => {
      const before = this.#tree.get(path);
      if (before !== undefined) this.#old.push([path, before]);
      changes.set(path, node);
      if (node === null) this.#tree.delete(path);
      else this.#tree.set(path, node);
    };
    if (present.length === 0) return set(this.somePath(), this.#text({}));
    const path = dice.pick(present);
    const other = dice.pick(present);
    const node = this.#tree.get(path) as Node;
    const text = read(node.blob);
    const again = (fields: Partial<Text>): void =>
      set(path, this.#text({ ...text, edit: this.#edit++, ...fields }));
    const act = dice.weighted<() => void>([
      [12, () => set(this.somePath(), this.#text({}))],
      [12, () => again({ kind: text.kind })],
      [10, () => set(path, null)],
      [7, () => again({ kind: "good" })],
      // The same content at another path.
      [
        8,
        () => {
          set(path, null);
          set(this.somePath(), node);
        },
      ],
      // Two files swap their ids.
      [
        6,
        () => {
          const twin = read((this.#tree.get(other) as Node).blob);
          again({ id: twin.id });
          set(other, write({ ...twin, id: text.id }));
        },
      ],
      [6, () => again({ id: dice.pick(this.#ids) })],
      [6, () => again({ kind: "draft" })],
      [6, () => again({ kind: "bad" })],
      [4, () => again({ kind: "junk" })],
      // A slip in the first lines: the front matter is lost.
      [5, () => again({ kind: "plain" })],
      [3, () => again({ kind: "unmapped" })],
      [2, () => again({ kind: "slow" })],
      [1, () => again({ kind: "stuck" })],
      [6, () => again({ kind: "good", dateMs: this.#date() })],
      [2, () => again({ dateMs: null })],
      [4, () => again({ kind: "good", expiresMs: this.#date() })],
      [2, () => again({ expiresMs: null })],
      // A second file with the same id.
      [6, () => set(this.somePath(), write({ ...text, edit: this.#edit++ }))],
      [2, () => set(path, { ...node, mode: node.mode === "file" ? "symlink" : "file" })],
      [
        6,
        () => {
          const [oldPath, oldNode] = this.#old.length > 0 ? dice.pick(this.#old) : [path, node];
          set(oldPath, oldNode);
        },
      ],
    ]);
    act();
  }

  #date(): number {
    return WALL_START_MS + this.#dice.pick([-1_000_000, 5_000, 60_000, 300_000, 1_200_000, 8_000_000]);
  }
}
