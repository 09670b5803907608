/** Why a repository that was found gives no commit, or no object: asked only when that has happened. */
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Revision } from "../sync/ports.ts";
import { askGit, complaintOf, failureOf, GitFailed, type GitLimits } from "./git.ts";
import {
  ACCESS_HINT,
  absent,
  nameIn,
  REGULAR_HINT,
  type Repository,
  readHead,
  readText,
  refFiles,
  unreadable,
  type Waiting,
} from "./repository.ts";

/** How a repository is made whole. */
export const DAMAGE_HINT =
  "Fetch it again, or clone anew (git-sync: empty its volume); `git fsck` lists what else is wrong. The agent continues automatically.";
const CONFIGURED_HINT = 'Check "ref" in the configuration; git-sync fetches nothing but its own --ref.';

/** Why git finds no commit where there should be one. */
export async function whyNoCommit(repository: Repository, ref: string, limits: GitLimits): Promise<Waiting> {
  const { folder, named, commonDir } = repository;
  const denied = await whyUnreadable(repository, ref);
  if (denied !== null) return denied;
  if (ref === "HEAD" && named !== null) {
    const what = `revision ${named}, after which ${folder} is named, ${await faultOf(commonDir, named, limits)}`;
    return unreadable(what, `git-sync may be starting over, see its log. ${DAMAGE_HINT}`);
  }
  const name = nameIn(repository, ref);
  const { ref: branch, text } = await readHead(repository);
  const subject =
    ref !== "HEAD"
      ? `ref ${JSON.stringify(ref)} of ${folder}`
      : branch === null
        ? `HEAD of ${folder}`
        : `branch ${branch.replace(/^refs\/heads\//, "")} of ${folder}`;
  const id = await idOf(commonDir, name, limits);
  if (id instanceof GitFailed) return unreadable(id.message, id.hint);
  if (id !== null) {
    const fault = await faultOf(commonDir, id, limits);
    const hint = fault.startsWith("is a ") ? CONFIGURED_HINT : DAMAGE_HINT;
    return unreadable(`${subject} is at ${id}, which ${fault}`, hint);
  }
  const broken = await brokenRef(commonDir, ref === "HEAD" ? branch : name);
  if (broken !== null) return unreadable(`${subject} is damaged: ${broken} holds no commit id`, DAMAGE_HINT);
  if (ref !== "HEAD") {
    const isUnborn = (await idOf(commonDir, "HEAD", limits)) === null;
    return { ...absent(`there is no commit ${JSON.stringify(ref)} in ${folder}`, CONFIGURED_HINT), isUnborn };
  }
  if (branch === null) {
    return unreadable(`${subject} is ${JSON.stringify(text)}, which is no commit`, DAMAGE_HINT);
  }
  const hint = 'Waiting for the first commit; to follow another branch, set "ref" in the configuration.';
  return { ...absent(`${subject} has no commit yet`, hint), isUnborn: true };
}

/** The object that a name stands for, whether or not it is there; null where it stands for none. */
async function idOf(gitDir: string, name: string, limits: GitLimits): Promise<string | GitFailed | null> {
  // No ref begins with a dash, and a control character would end the question.
  if (name === "" || /^-|[\0-\x1f\x7f]/.test(name)) return null;
  const end = await askGit(gitDir, ["rev-parse", "--verify", "--quiet", name], limits);
  if (end.exitCode === 0) return /^[0-9a-f]{40,64}$/.test(end.answer) ? end.answer : null;
  // A name that stands for nothing is no failure; and with some, such as `main:a.md`, git says more than that.
  if (end.exitCode === 1) return null;
  if (name !== "HEAD")
    return (await idOf(gitDir, "HEAD", limits)) instanceof GitFailed ? failureOf(end, gitDir) : null;
  return failureOf(end, gitDir);
}

/** What is wrong with an object, after "it": `is not in ...`, `is damaged: ...`, `is a blob, not a commit`. */
export async function faultOf(
  gitDir: string,
  id: Revision,
  limits: GitLimits,
  wanted = "commit",
): Promise<string> {
  const end = await askGit(gitDir, ["cat-file", "-t", id], limits);
  if (end.exitCode === 0) {
    return end.answer === wanted ? "is damaged: git cannot parse it" : `is a ${end.answer}, not a ${wanted}`;
  }
  if (end.silentMs !== null) return "cannot be read: git does not answer";
  const complaint = complaintOf(end);
  const isMissing = complaint === "" || /could not get object info|not a valid object name/i.test(complaint);
  return isMissing ? `is not in ${gitDir}` : `is damaged: ${complaint}`;
}

/** Path of the file of a ref that names nothing, as a power failure leaves it behind; null where there is none. */
async function brokenRef(commonDir: string, name: string | null): Promise<string | null> {
  if (name === null || !/^(?:refs\/|worktrees\/)[^\0]*$/.test(name)) return null;
  const path = join(commonDir, name);
  const text = await readText(path).catch(() => null);
  // A symbolic one leads to another, which may well be unborn.
  return text === null || text.startsWith("ref: ") ? null : path;
}

/**
 * Whether it is for want of permission that git finds nothing, or of a part without which it calls nothing a
 * repository; or because of what is no file: on a pipe it would wait for ever.
 */
export async function whyUnreadable(repository: Repository, ref: string): Promise<Waiting | null> {
  const { folder, commonDir, gitDir } = repository;
  const objects = join(commonDir, "objects");
  try {
    // Not `access`: to answer, Deno would ask for permission to see the user's id.
    await readdir(objects);
    await stat(join(objects, "pack"));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EACCES") {
      return unreadable(`cannot read ${objects}: permission denied`, ACCESS_HINT);
    }
  }
  const irregular = await irregularFile(repository, ref);
  if (irregular !== null) return unreadable(`${irregular} is no regular file`, REGULAR_HINT);
  const head = join(gitDir, "HEAD");
  const text = await readText(head).catch(() => null);
  // Without that file nothing here was ever a repository.
  if (text === null) return null;
  if (!/^(?:ref: \S+|[0-9a-f]{40,64})\s*$/.test(text)) {
    return unreadable(
      `HEAD of ${folder} is damaged: ${head} names neither a branch nor a commit`,
      DAMAGE_HINT,
    );
  }
  for (const part of ["objects", "refs"].map((name) => join(commonDir, name))) {
    if ((await kindAt(part)) === "nothing") {
      return unreadable(`the repository at ${folder} is damaged: ${part} is not there`, DAMAGE_HINT);
    }
  }
  return null;
}

/** The first of the files that git reads before any object that is none; null where all are, or are absent. */
async function irregularFile(repository: Repository, ref: string): Promise<string | null> {
  const { commonDir, gitDir } = repository;
  const names = ["HEAD", "config", "config.worktree", "shallow", "objects/info/alternates"];
  const paths = [
    ...names.map((name) => join(commonDir, name)),
    join(gitDir, "commondir"),
    ...(await refFiles(repository, ref)),
  ];
  for (const path of paths) {
    const kind = await kindAt(path);
    // Where a branch is looked for there may be a folder of branches.
    if (kind === "other" || (kind === "folder" && path === join(gitDir, "HEAD"))) return path;
  }
  return null;
}

async function kindAt(path: string): Promise<"file" | "folder" | "nothing" | "other" | null> {
  try {
    const stats = await stat(path);
    return stats.isFile() ? "file" : stats.isDirectory() ? "folder" : "other";
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ENOENT" ? "nothing" : null;
  }
}
