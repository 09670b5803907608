import { createRequire } from "node:module";
import Ajv from "ajv";

const load = createRequire(import.meta.url);

/** Errors of a SARIF 2.1.0 log by the schema of the standard; empty for a valid one. */
export function sarifFaults(log: unknown): string[] {
  const ajv = new Ajv({ schemaId: "auto", meta: false, allErrors: true });
  ajv.addMetaSchema(load("ajv/lib/refs/json-schema-draft-04.json"));
  const validate = ajv.compile(load("@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"));
  if (validate(log) === true) return [];
  return (validate.errors ?? []).map(({ dataPath, message }) => `${dataPath} ${message}`);
}
