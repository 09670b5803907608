import type { Lang } from "../messages/language.ts";
import { describe } from "../messages/problems.ts";
import { WORDS } from "../messages/words.ts";
import type { Problem } from "../sync/model.ts";
import type { Log } from "../sync/ports.ts";

/**
 * A log that puts what is wrong in an article into words. The core, which has none, logs codes and
 * parameters in `problems`; here each gets its `message` and `hint`, and the first one the headline, with
 * the number of the others.
 */
export function wordProblems(log: Log, lang: Lang): Log {
  return {
    emit(level, event, message, fields) {
      const { path, problems } = fields ?? {};
      if (typeof path !== "string" || !isProblems(problems)) return log.emit(level, event, message, fields);
      const worded = problems.map((problem) => {
        const { message, hint } = describe(problem, path, lang);
        return { ...problem, message, hint };
      });
      const [first, ...others] = worded;
      const more = others.length > 0 ? ` (${WORDS[lang].commands.plan.moreInFile(others.length)})` : "";
      const headline = first === undefined ? message : `${message}: ${first.message}${more}`;
      log.emit(level, event, headline, { ...fields, problems: worded, ...(first && { hint: first.hint }) });
    },
  };
}

/** Whether this is what the core logs as `problems`. */
export function isProblems(value: unknown): value is readonly Problem[] {
  return (
    Array.isArray(value) && value.every((one) => typeof one === "object" && one !== null && "code" in one)
  );
}
