import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openApiDocument } from "../../../../src/inserter/reference/openapi.ts";

const openApi = suite("reference inserter: OpenAPI document");
type Node = Readonly<Record<string, unknown>>;

const document = openApiDocument("/post", 500) as Node;

function* nodes(value: unknown): Generator<Node> {
  if (typeof value !== "object" || value === null) return;
  yield value as Node;
  for (const inner of Object.values(value)) yield* nodes(inner);
}

openApi("every reference leads somewhere, and nothing lies there unused", () => {
  const references = new Set<string>();
  for (const node of nodes(document)) {
    const reference = node["$ref"];
    if (typeof reference !== "string") continue;
    references.add(reference);
    let at: unknown = document;
    for (const part of reference.slice(2).split("/")) at = (at as Node)[part];
    assert.ok(at, reference);
  }
  const components = document["components"] as Record<string, Node>;
  for (const kind of ["schemas", "parameters", "headers"]) {
    for (const name of Object.keys(components[kind] ?? {})) {
      assert.ok(references.has(`#/components/${kind}/${name}`), `${kind}/${name} is used`);
    }
  }
});

openApi("operations have distinct names, a summary and described answers", () => {
  const names: unknown[] = [];
  for (const path of Object.values(document["paths"] as Record<string, Node>)) {
    for (const [method, operation] of Object.entries(path) as [string, Node][]) {
      if (method === "parameters") continue;
      names.push(operation["operationId"]);
      assert.type(operation["summary"], "string");
      for (const [status, response] of Object.entries(operation["responses"] as Record<string, Node>)) {
        assert.match(status, /^[2-5]\d\d$/);
        assert.type(response["description"], "string");
      }
    }
  }
  assert.is(new Set(names).size, names.length);
  assert.is(names.length, 11);
});

openApi("says what an implementer has to know", () => {
  const text = JSON.stringify(document);
  for (const needed of [
    "Sync-Digest",
    "Sync-Version",
    "Sync-Owner",
    "Idempotency-Key",
    "If-None-Match",
    "Retry-After",
    "application/x-ndjson",
    "RFC 8785",
    "8388608",
    "/post/_batch",
  ]) {
    assert.ok(text.includes(needed), needed);
  }
});

openApi("follows the configuration", () => {
  const other = openApiDocument("/a/b", 0) as Record<string, Node>;
  assert.equal(Object.keys(other["paths"] ?? {}), [
    "/a/b",
    "/a/b/{id}",
    "/a/b/{id}/similar",
    "/tags",
    "/healthz",
    "/readyz",
    "/openapi.json",
    "/",
  ]);
});

openApi.run();
