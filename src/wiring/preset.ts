/** Presets in a running program: found by the files of the repository, and set up by its own configuration. */
import { type ArticleRoom, type ArticlesOptions, createArticles } from "../article/articles.ts";
import { createSelector, type Selector } from "../article/candidate.ts";
import { isSiteFile, siteDepthOf, siteFilesOf, withPreset } from "../article/presets/apply.ts";
import { type FoundPreset, findPreset } from "../article/presets/find.ts";
import { UnreadableSite } from "../article/presets/site.ts";
import type { ArticleSettings, Settings } from "../config/settings.ts";
import { UsageError } from "../errors.ts";
import { openSource } from "../source/source.ts";
import { type Log, ObjectsGone, type RevisionHead } from "../sync/ports.ts";
import { EVERYTHING, FollowedFiles, type TreeOptions, withListing } from "./tree.ts";

type Repository = Pick<Settings, "repo" | "ref">;

export function treeOptions({ repo, ref }: Repository, isWorktree: boolean, log: Log): TreeOptions {
  return { repo, ref, isWorktree, log };
}

/** The preset that a repository needs; null while there is nothing to look at. */
export async function presetOf(options: TreeOptions): Promise<FoundPreset | null> {
  return withListing(options, EVERYTHING, (listing) => findPreset(listing));
}

/** Settings as `init` would write them, where there is no configuration; others as they are. */
export async function withFoundPreset<Given extends Pick<Settings, "repo" | "ref" | "articles">>(
  settings: Given,
  isWorktree: boolean,
  log: Log,
): Promise<{ readonly settings: Given; readonly found: FoundPreset | null }> {
  const { preset } = settings.articles;
  if (preset == null || preset.name !== null) return { settings, found: null };
  const found = await presetOf(treeOptions(settings, isWorktree, log));
  return found === null
    ? { settings, found }
    : { settings: { ...settings, articles: asFound(settings.articles, found) }, found };
}

function asFound(articles: ArticleSettings, { name, isBare }: FoundPreset): ArticleSettings {
  if (name === null) return { ...articles, markdown: "gfm", preset: null };
  return {
    ...articles,
    frontMatter: isBare ? "optional" : (articles.frontMatter ?? null),
    preset: { written: [], site: null, ...articles.preset, name },
  };
}

/** The settings of articles with all that preset and repository decide, from revision to revision. */
export class PresetFollower {
  readonly #options: TreeOptions;
  #settings: ArticleSettings;
  #files: FollowedFiles | null = null;

  constructor(options: TreeOptions, settings: ArticleSettings) {
    this.#options = options;
    this.#settings = settings;
  }

  /** Before the repository was looked at. */
  async initial(): Promise<ArticleSettings> {
    const name = this.#settings.preset?.name ?? null;
    return name === null ? this.#settings : withPreset(this.#settings, name, []);
  }

  /**
   * @throws {ObjectsGone} When the repository cannot be read just now.
   * @throws {UnreadableSite} When the tool's own configuration does not parse: what it keeps private is not known.
   */
  async at(head: RevisionHead): Promise<ArticleSettings> {
    if (this.#settings.preset == null) return this.#settings;
    if (this.#settings.preset.name === null) {
      const found = await presetOf(this.#options);
      if (found === null) throw new ObjectsGone("there is no revision to find a preset in");
      this.#settings = asFound(this.#settings, found);
    }
    const name = this.#settings.preset?.name ?? null;
    if (name === null) return this.#settings;
    const pattern = siteFilesOf(name);
    if (pattern === null) return withPreset(this.#settings, name, []);
    const depthMax = siteDepthOf(name);
    this.#files ??= new FollowedFiles(this.#options, {
      selects: (path) => isSiteFile(path, pattern),
      mayContain: (folder) => EVERYTHING.mayContain(folder) && folder.split("/").length - 1 <= depthMax,
    });
    const texts = await this.#files.at(head);
    const files = [...texts].map(([path, text]) => ({ root: "", name: path, text }));
    return withPreset(this.#settings, name, files);
  }
}

/** Settings for a command that looks once. @throws {UsageError} */
export async function settledArticles(
  settings: Pick<Settings, "repo" | "ref" | "articles">,
  isWorktree: boolean,
  log: Log,
): Promise<ArticleSettings> {
  const { articles } = settings;
  if (articles.preset == null || articles.preset.name === null) return articles;
  const follower = new PresetFollower(treeOptions(settings, isWorktree, log), articles);
  try {
    // What head it is matters only to those who follow.
    return await follower.at(await headOf(settings, isWorktree, log));
  } catch (error) {
    if (error instanceof UnreadableSite) {
      const { path, line } = error;
      throw new UsageError((words) => words.unreadableSite(path, line));
    }
    if (error instanceof ObjectsGone) return follower.initial();
    throw error;
  }
}

async function headOf({ repo, ref }: Repository, isWorktree: boolean, log: Log): Promise<RevisionHead> {
  if (isWorktree) return { kind: "revision", revision: "", tree: "" };
  const source = openSource({ repo, ref, ...EVERYTHING, maxSizeBytes: 0, trees: null, log });
  try {
    const head = await source.head();
    if (head.kind === "waiting") throw new ObjectsGone(head.reason);
    return head;
  } finally {
    await source.close();
  }
}

/** Articles whose settings follow the repository, with the selector that goes with them. */
export interface FollowingArticles {
  readonly articles: ArticleRoom;
  readonly selector: Selector;
}

/** Articles of a repository; without a preset nothing of them changes. */
export async function followArticles(
  options: TreeOptions,
  created: ArticlesOptions,
): Promise<FollowingArticles> {
  if (created.settings.preset == null) {
    return { articles: createArticles(created), selector: createSelector(created.settings) };
  }
  const follower = new PresetFollower(options, created.settings);
  const room = new ChangingRoom(follower, created, await follower.initial(), options.log);
  return { articles: room, selector: room };
}

/** A room that is exchanged for another when the repository's own configuration says something else. */
class ChangingRoom implements ArticleRoom, Selector {
  readonly #follower: PresetFollower;
  readonly #created: ArticlesOptions;
  readonly #log: Log;
  #settings: ArticleSettings;
  #room: ArticleRoom;
  #selector: Selector;
  readonly #old = new Set<Promise<unknown>>();
  #running = new Set<Promise<unknown>>();

  constructor(follower: PresetFollower, created: ArticlesOptions, settings: ArticleSettings, log: Log) {
    this.#follower = follower;
    this.#created = created;
    this.#log = log;
    this.#settings = settings;
    this.#room = createArticles({ ...created, settings });
    this.#selector = createSelector(settings);
  }

  get fingerprint(): string {
    return this.#room.fingerprint;
  }

  /** Called at the beginning of a pass, and at no other time: all of a pass is under the same settings. */
  async prepare(head: RevisionHead): Promise<void> {
    let settings: ArticleSettings;
    try {
      settings = await this.#follower.at(head);
    } catch (error) {
      if (!(error instanceof UnreadableSite)) throw error;
      const { path, line } = error;
      const hint = "Nothing is published or deleted until it parses: it may say what is private.";
      this.#log.emit("error", "preset.unreadable", `${path}:${line} does not parse`, { path, line, hint });
      throw new ObjectsGone(error.message);
    }
    if (JSON.stringify(settings) === JSON.stringify(this.#settings)) return;
    const before = { room: this.#room, running: this.#running };
    this.#settings = settings;
    this.#room = createArticles({ ...this.#created, settings });
    this.#selector = createSelector(settings);
    this.#running = new Set();
    const closed = Promise.allSettled(before.running).then(() => before.room.close());
    this.#old.add(closed);
    void closed.finally(() => this.#old.delete(closed));
  }

  parse: ArticleRoom["parse"] = (...args) => this.#run(this.#room.parse(...args));

  lint: ArticleRoom["lint"] = (...args) => this.#run(this.#room.lint(...args));

  async close(): Promise<void> {
    await this.#room.close();
    await Promise.all(this.#old);
  }

  selects(path: string): boolean {
    return this.#selector.selects(path);
  }

  mayContain(folder: string): boolean {
    return this.#selector.mayContain(folder);
  }

  matchedBy(path: string): ReturnType<Selector["matchedBy"]> {
    return this.#selector.matchedBy(path);
  }

  #run<Result>(work: Promise<Result>): Promise<Result> {
    const running = this.#running;
    running.add(work);
    const done = (): void => void running.delete(work);
    work.then(done, done);
    return work;
  }
}
