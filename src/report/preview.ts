import { findingOf, prettyFinding } from "../messages/finding.ts";
import type { Lang } from "../messages/language.ts";
import type { Log } from "../sync/ports.ts";
import { type AgentEvent, describeEvent } from "./describe.ts";

/** Where and how an author sees the preview. */
export interface PreviewOutput {
  readonly write: (text: string) => void;
  readonly colour: boolean;
  readonly lang: Lang;
}

/**
 * Shows an author what happens: everything wrong with an article, or worth a warning, with the line marked;
 * the rest in a log, where a delivered article is a line with its path and no more.
 */
export function previewTo(log: Log, { write, colour, lang }: PreviewOutput): (event: AgentEvent) => void {
  return (event) => {
    const { level, message, fields } = describeEvent(event, lang);
    switch (event.kind) {
      case "article.rejected":
      case "article.withdrawn":
      case "article.doubtful":
        for (const problem of "problem" in event ? [event.problem] : event.problems) {
          write(`\n${prettyFinding(findingOf(problem, event.path, lang), colour, lang)}`);
        }
        return;
      case "article.upserted":
        return log.emit(level, event.kind, message, { path: event.path });
      case "article.deleted":
        return log.emit(level, event.kind, message);
      case "pass.done":
        return log.emit("debug", event.kind, message, fields);
      default:
        return log.emit(level, event.kind, message, fields);
    }
  };
}
