import type { Lang } from "./problems.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** The language of the environment, of those that messages are there in. */
export function langOf(env: Env): Lang {
  const locale = env["LC_ALL"] || env["LC_MESSAGES"] || env["LANG"] || "";
  return locale.startsWith("ja") ? "ja" : "en";
}

/**
 * The language to report in: that of `--lang`, else that of the environment for people. Programs read
 * English wherever they run, unless they ask for something else.
 *
 * @param asked The value of `--lang`; null without it.
 */
export function languageFor(reader: "people" | "programs", asked: Lang | null, env: Env): Lang {
  return asked ?? (reader === "people" ? langOf(env) : "en");
}
