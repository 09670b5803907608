/**
 * A double of Elasticsearch and OpenSearch, in memory: just the requests that the store sends, answered as real
 * engines answer them. The store contract, which real engines are put to as well, keeps it honest.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { type Document, hitsFor, type SearchBody } from "./engine-double-search.ts";

// biome-ignore lint/suspicious/noExplicitAny: JSON of whatever shape a request has.
type Json = any;

interface Index {
  readonly name: string;
  readonly uuid: string;
  readonly body: Json;
  readonly aliases: Map<string, Json>;
  readonly documents: Map<string, Document>;
  operations: number;
  isBlocked: boolean;
  isClosed: boolean;
}

/** A request as it came. */
export interface DoubleRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly text: string;
  /** Empty where there was none. */
  readonly authorization: string;
}

/** An answer that stands in for the double's own. */
export interface DoubleAnswer {
  readonly status: number;
  readonly json: Json;
}

const ok = (json: Json): DoubleAnswer => ({ status: 200, json });
const fail = (status: number, type: string, reason: string = type): DoubleAnswer => ({
  status,
  json: { error: { type, reason, root_cause: [{ type, reason }] }, status },
});
const missing = (name: string): DoubleAnswer =>
  fail(404, "index_not_found_exception", `no such index [${name}]`);

export class EngineDouble {
  readonly isOpenSearch: boolean;
  readonly indices = new Map<string, Index>();
  /** Every request that was answered, oldest first. */
  readonly requests: DoubleRequest[] = [];
  /** Answers instead of the double, where it gives something. */
  bend: (request: DoubleRequest) => DoubleAnswer | null = () => null;
  /** Answers instead of one item of a bulk, where it gives something. */
  bendItem: (id: string) => { status: number; type: string } | null = () => null;
  readonly #snapshots = new Map<string, readonly Document[]>();
  readonly #server = createServer(async (request, response) => {
    const answer = this.#answer(await readRequest(request));
    const text = typeof answer.json === "string" ? answer.json : JSON.stringify(answer.json);
    response.writeHead(answer.status, { "content-type": "application/json" }).end(text);
  });
  #counter = 0;

  constructor({ isOpenSearch = false }: { readonly isOpenSearch?: boolean } = {}) {
    this.isOpenSearch = isOpenSearch;
  }

  async start(port = 0): Promise<string> {
    this.#server.listen(port, "127.0.0.1");
    await once(this.#server, "listening");
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }

  /** Requests whose method and path match. */
  asked(pattern: RegExp): readonly DoubleRequest[] {
    return this.requests.filter(({ method, path }) => pattern.test(`${method} ${path}`));
  }

  /** The index behind a name or alias. */
  index(name: string): Index | undefined {
    return this.indices.get(name) ?? [...this.indices.values()].find(({ aliases }) => aliases.has(name));
  }

  #answer(request: DoubleRequest): DoubleAnswer {
    this.requests.push(request);
    const bent = this.bend(request);
    if (bent !== null) return bent;
    const [first = "", second, third] = request.path.slice(1).split("/").map(decodeURIComponent);
    const json = (): Json => (request.text === "" ? {} : JSON.parse(request.text));
    switch (`${request.method} ${first.startsWith("_") || first === "" ? first : "*"}`) {
      case "GET ":
        return this.#whoIsThere();
      case "GET _alias":
        return this.#aliasesOf(second ?? "");
      case "POST _aliases":
        return this.#moveAliases(json().actions);
      case "POST _search":
        return this.#searchSnapshot(json());
      case "DELETE _pit":
      case "DELETE _search":
        this.#snapshots.delete(json().id ?? json().pit_id?.[0]);
        return ok({});
      case "GET *":
        if (second === undefined) return this.#list(first);
        break;
      case "PUT *":
        if (second === undefined) return this.#create(first, json());
        break;
      case "DELETE *":
        return this.indices.delete(first) ? ok({ acknowledged: true }) : missing(first);
    }
    if (second === "_bulk") return this.#bulk(first, request);
    const index = this.index(first);
    if (index === undefined) return second === "_mget" ? this.#readMissing(first, json()) : missing(first);
    return this.#ofIndex(index, second, third, request, json);
  }

  #ofIndex(
    index: Index,
    what: string | undefined,
    part: string | undefined,
    request: DoubleRequest,
    json: () => Json,
  ): DoubleAnswer {
    if (index.isClosed && what !== "_stats") return fail(400, "index_closed_exception");
    switch (what) {
      case "_mget":
        return ok({ docs: json().ids.map((id: string) => readOne(index, id)) });
      case "_source": {
        const found = index.documents.get(part ?? "");
        return found === undefined
          ? fail(404, "resource_not_found_exception")
          : { status: 200, json: found.text };
      }
      case "_refresh":
        return ok({ _shards: { failed: 0 } });
      case "_stats":
        return ok(index.isClosed ? {} : { indices: { [index.name]: statsOf(index) } });
      case "_block":
        index.isBlocked = true;
        return ok({ acknowledged: true });
      case "_mapping":
        Object.assign(index.body.mappings, json());
        return ok({ acknowledged: true });
      case "_pit":
        if (this.isOpenSearch) break;
        return ok({ id: this.#snapshot(index) });
      case "_search":
        if (part === "point_in_time") {
          return this.isOpenSearch ? ok({ pit_id: this.#snapshot(index) }) : fail(400, "no handler found");
        }
        return this.#search([...index.documents.values()], json());
    }
    return fail(400, "illegal_argument_exception", `no handler for ${request.method} ${request.path}`);
  }

  #whoIsThere(): DoubleAnswer {
    const distribution = this.isOpenSearch ? { distribution: "opensearch" } : {};
    return ok({ version: { ...distribution, number: this.isOpenSearch ? "2.19.6" : "8.19.21" } });
  }

  #aliasesOf(alias: string): DoubleAnswer {
    const found = [...this.indices.values()].filter(({ aliases }) => aliases.has(alias));
    if (found.length === 0) return { status: 404, json: { error: `alias [${alias}] missing`, status: 404 } };
    return ok(
      Object.fromEntries(found.map(({ name, aliases }) => [name, { aliases: Object.fromEntries(aliases) }])),
    );
  }

  #list(pattern: string): DoubleAnswer {
    const found = [...this.indices.values()].filter(({ name }) =>
      name.startsWith(pattern.replace(/\*$/, "")),
    );
    const entries = found.map(({ name, aliases, body, isBlocked }) => {
      const settings = { index: { blocks: { write: String(isBlocked) } } };
      return [name, { aliases: Object.fromEntries(aliases), mappings: body.mappings, settings }];
    });
    return ok(Object.fromEntries(entries));
  }

  #create(name: string, body: Json): DoubleAnswer {
    if (this.indices.has(name)) return fail(400, "resource_already_exists_exception");
    for (const alias of Object.keys(body.aliases ?? {})) {
      if (this.indices.has(alias)) return fail(400, "invalid_alias_name_exception");
    }
    this.indices.set(name, {
      name,
      uuid: `uuid-${++this.#counter}`,
      body: structuredClone(body),
      aliases: new Map(Object.entries(body.aliases ?? {})),
      documents: new Map(),
      operations: 0,
      isBlocked: false,
      isClosed: false,
    });
    return ok({ acknowledged: true });
  }

  #moveAliases(actions: readonly Json[]): DoubleAnswer {
    for (const { remove } of actions) {
      if (remove?.must_exist !== true) continue;
      const isThere = this.indices.get(remove.index)?.aliases.has(remove.alias) === true;
      if (!isThere) return fail(404, "aliases_not_found_exception");
    }
    for (const { add, remove } of actions) {
      if (remove !== undefined) this.indices.get(remove.index)?.aliases.delete(remove.alias);
      else this.indices.get(add.index)?.aliases.set(add.alias, add);
    }
    return ok({ acknowledged: true });
  }

  #bulk(target: string, { text, query }: DoubleRequest): DoubleAnswer {
    const lines = text.split("\n");
    const items: Json[] = [];
    for (let at = 0; at < lines.length - 1; at++) {
      const [kind = "", action] =
        Object.entries(JSON.parse(lines[at] ?? "") as Record<string, Json>)[0] ?? [];
      if (Buffer.byteLength(action._id) > 512) return fail(400, "action_request_validation_exception");
      const index = this.index(target);
      const isAllowed =
        index !== undefined && (query.get("require_alias") !== "true" || index.name !== target);
      const source = kind === "index" ? (lines[++at] ?? "") : "";
      items.push({
        [kind]: isAllowed
          ? this.#write(index, kind, action, source)
          : itemError(404, "index_not_found_exception"),
      });
    }
    return ok({ errors: items.some((item) => Object.values<Json>(item)[0].error !== undefined), items });
  }

  #write(index: Index, kind: string, action: Json, text: string): Json {
    const bent = this.bendItem(action._id);
    if (bent !== null) return itemError(bent.status, bent.type);
    if (index.isClosed) return itemError(400, "index_closed_exception");
    if (index.isBlocked) return itemError(403, "cluster_block_exception");
    const before = index.documents.get(action._id);
    const isConflict =
      action.if_seq_no === undefined
        ? before !== undefined &&
          (action.version_type === "external"
            ? action.version <= before.version
            : action.version < before.version)
        : before?.seqNo !== action.if_seq_no;
    if (isConflict) return itemError(409, "version_conflict_engine_exception");
    if (kind === "delete") {
      index.documents.delete(action._id);
      index.operations += 1;
      return { status: 200, _id: action._id, _index: index.name, result: "deleted" };
    }
    const source = JSON.parse(text);
    if (typeof source.title === "object" && source.title !== null) {
      return itemError(400, "mapper_parsing_exception", "failed to parse field [title] of type [text]");
    }
    index.documents.set(action._id, {
      id: action._id,
      version: action.version,
      seqNo: index.operations++,
      text,
      source,
    });
    const result = before === undefined ? "created" : "updated";
    return { status: before === undefined ? 201 : 200, _id: action._id, _index: index.name, result };
  }

  #readMissing(target: string, { ids }: Json): DoubleAnswer {
    const error = { type: "index_not_found_exception", reason: `no such index [${target}]` };
    return ok({ docs: ids.map((_id: string) => ({ _id, error })) });
  }

  #snapshot(index: Index): string {
    const id = `snapshot-${++this.#counter}`;
    this.#snapshots.set(id, [...index.documents.values()]);
    return id;
  }

  #searchSnapshot(body: Json): DoubleAnswer {
    const documents = this.#snapshots.get(body.pit.id);
    if (documents === undefined) return fail(404, "search_context_missing_exception");
    return this.#search(documents, body);
  }

  #search(documents: readonly Document[], body: SearchBody): DoubleAnswer {
    const found = hitsFor(documents, body);
    // The documents stand in the answer as they were stored, as in a real one.
    const hits = found.hits.map(({ text, ...hit }) => {
      const json = JSON.stringify(hit);
      return text === null ? json : `${json.slice(0, -1)},"_source":${text}}`;
    });
    const rest = JSON.stringify({ total: { value: found.total, relation: "eq" } });
    const head = `"timed_out":false,"_shards":{"failed":0},"aggregations":${JSON.stringify(found.aggregations)}`;
    return ok(`{${head},"hits":{"hits":[${hits.join()}],${rest.slice(1)}}`);
  }
}

const itemError = (status: number, type: string, reason: string = type): Json => ({
  status,
  error: { type, reason },
});

function readOne(index: Index, _id: string): Json {
  const found = index.documents.get(_id);
  return found === undefined
    ? { _id, found: false }
    : { _id, found: true, _version: found.version, _source: found.source };
}

function statsOf({ uuid, operations }: Index): Json {
  const shard = {
    routing: { primary: true },
    seq_no: { max_seq_no: operations - 1 },
    commit: { user_data: { history_uuid: "h" } },
  };
  return { uuid, shards: { 0: [shard] } };
}

async function readRequest(request: IncomingMessage): Promise<DoubleRequest> {
  const text = Buffer.concat(await request.toArray()).toString();
  const [path = "/", query] = (request.url ?? "/").split("?");
  const { method = "", headers } = request;
  return {
    method,
    path,
    query: new URLSearchParams(query),
    text,
    authorization: headers.authorization ?? "",
  };
}
