import * as v from "valibot";
import { keySchemas } from "./report.ts";

/** One key of the configuration, as a person reads about it. */
export interface KeyReference {
  /** Dotted, like `inserter.retry.min`. */
  readonly key: string;
  readonly allowed: string;
  /** As one would write it; null where the key must be given, empty where nothing stands for it. */
  readonly byDefault: string | null;
  readonly means: string;
}

/** Every key of the configuration, from the schema that validates it. */
export function keyReferences(): KeyReference[] {
  return [...keySchemas()].map(([key, schema]) => {
    const notes = v.getMetadata("wrapped" in schema ? (schema.wrapped as v.GenericSchema) : schema);
    const isRequired = !("wrapped" in schema);
    const value = "default" in schema ? schema.default : undefined;
    return {
      key,
      allowed: String(notes["allowed"] ?? ""),
      byDefault: isRequired ? null : (JSON.stringify(value) ?? ""),
      means: String(notes["means"] ?? ""),
    };
  });
}

/** The table of keys in Markdown, as the README has it. */
export function referenceTable(): string {
  const cell = (text: string): string => text.replaceAll("|", "\\|");
  const code = (text: string): string => (text === "" ? "" : `\`${text}\``);
  const rows = keyReferences().map(
    ({ key, allowed, byDefault, means }) =>
      `| ${code(key)} | ${byDefault === null ? "required" : cell(code(byDefault))} | ${cell(means)} | ${cell(allowed)} |`,
  );
  return ["| key | default | meaning | allowed |", "| --- | --- | --- | --- |", ...rows, ""].join("\n");
}
