import type { Flags, Io } from "../cli/argv.ts";
import type { Lang } from "./problems.ts";

/** The language of the environment, of those that messages are there in. */
export function langOf(env: Io["env"]): Lang {
  const locale = env["LC_ALL"] || env["LC_MESSAGES"] || env["LANG"] || "";
  return locale.startsWith("ja") ? "ja" : "en";
}

/**
 * The language to say in what is wrong in an article: that of `--lang`, else that of the environment for
 * people. Programs read English wherever they run, unless they ask for something else.
 */
export function languageFor(
  reader: "people" | "programs",
  { lang }: Pick<Flags, "lang">,
  { env }: Pick<Io, "env">,
): Lang {
  return lang ?? (reader === "people" ? langOf(env) : "en");
}
