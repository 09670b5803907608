/** The languages that people are spoken to in, and which one a reader wants. */
export type Lang = "en" | "ja";

export const LANGS: readonly Lang[] = ["en", "ja"];

type Env = Readonly<Record<string, string | undefined>>;

/** The language of the environment's locale; English for all but Japanese. */
export function langOf(env: Env): Lang {
  const locale = env["LC_ALL"] || env["LC_MESSAGES"] || env["LANG"] || "";
  return locale.startsWith("ja") ? "ja" : "en";
}

/**
 * The language of `--lang`, else for people that of the environment. Programs read English wherever they
 * run, unless they ask for something else.
 *
 * @param asked The value of `--lang`; null without it.
 */
export function languageFor(reader: "people" | "programs", asked: Lang | null, env: Env): Lang {
  return asked ?? (reader === "people" ? langOf(env) : "en");
}

/**
 * The language that the reader of a page prefers.
 *
 * @param accepted The header `Accept-Language`, "" where there was none.
 * @see RFC 9110 section 12.5.4
 */
export function acceptedLanguage(accepted: string): Lang {
  const [preferred] = accepted
    .split(",")
    .map((part) => {
      const [tag = "", ...parameters] = part.trim().toLowerCase().split(";");
      const weight = parameters.find((parameter) => parameter.trim().startsWith("q="));
      return { language: tag.split("-")[0], weight: Number(weight?.split("=")[1] ?? 1) };
    })
    .filter(({ language, weight }) => (language === "en" || language === "ja") && weight > 0)
    .sort((a, b) => b.weight - a.weight);
  return preferred?.language === "ja" ? "ja" : "en";
}
