/** The languages that pages are there in. */
export type PageLang = "en" | "ja";

/**
 * The language that a reader wants.
 *
 * @param accepted The header `Accept-Language`, "" where there was none.
 */
export function acceptedLanguage(accepted: string): PageLang {
  const wanted = accepted
    .split(",")
    .map((part) => {
      const [tag = "", ...parameters] = part.trim().toLowerCase().split(";");
      const weight = parameters.find((parameter) => parameter.trim().startsWith("q="));
      return { language: tag.split("-")[0], weight: Number(weight?.split("=")[1] ?? 1) };
    })
    .filter(({ language, weight }) => (language === "en" || language === "ja") && weight > 0)
    .sort((a, b) => b.weight - a.weight);
  return wanted[0]?.language === "ja" ? "ja" : "en";
}
