/** A status snapshot of an agent that has run for a while. */
import type { FoundState, FoundStatus, ProblemStatus, StatusSnapshot } from "../../src/status.ts";

const NOW = Date.parse("2026-08-07T12:00:00.000Z");

/** Text that breaks a page that does not escape it. */
export const hostile = `</p><script>top.ran = 1</script><img src=x onerror="top.ran = 2">'"&lt;\u202e`;

const STATES: readonly FoundState[] = [
  "live",
  "pending",
  "unsent",
  "scheduled",
  "expired",
  "draft",
  "not-public",
  "mapped-null",
  "rejected",
  "duplicate",
  "held",
  "refused",
  "foreign",
  "no-article",
  "gone",
];

export interface SnapshotOptions {
  /** Every text that others chose is {@link hostile}. */
  readonly isHostile?: boolean;
  /** Of an agent without articles. */
  readonly isEmpty?: boolean;
  /** With one article found in each state. */
  readonly found?: boolean;
}

/** An agent in step, with a little of everything that needs attention. */
export function snapshot(
  options: SnapshotOptions = {},
): StatusSnapshot & { readonly found: readonly FoundStatus[] } {
  const { isHostile = false, isEmpty = false, found = false } = options;
  const ago = (seconds: number): string => new Date(NOW - seconds * 1_000).toISOString();
  const said = (text: string): string => (isHostile ? hostile : text);
  const path = (name: string): string => (isHostile ? `${name}${hostile}.md` : `posts/2026/${name}.md`);
  const list = <Item>(...items: Item[]): { total: number; shown: Item[] } =>
    isEmpty ? { total: 0, shown: [] } : { total: items.length, shown: items };
  const problem = (at: Partial<ProblemStatus>): ProblemStatus => ({
    code: "not-list-text",
    severity: "error",
    params: { key: said("tags"), value: "go, k8s", list: "go, k8s" },
    line: 5,
    column: 7,
    length: 7,
    where: "",
    message: said('tags must be a list of words, but is the text "go, k8s"'),
    hint: said("Write `tags: [go, k8s]`, or `tags:` with one `- item` a line below it."),
    excerpt: said("tags: go, k8s"),
    ...at,
  });
  const refused = {
    id: said("long"),
    path: path("long"),
    kind: "upsert" as const,
    status: 422,
    excerpt: said('{"error":"title is longer than 200 characters"}'),
    since: ago(7_200),
  };
  const pending = {
    id: said("slow"),
    path: path("slow"),
    kind: "upsert" as const,
    cause: "changed" as const,
    since: ago(90),
    attempts: 2,
    problem: said("inserter answered 503"),
    nextTry: ago(-30),
  };
  const one = (state: FoundState): FoundStatus => ({
    state,
    path: path(state),
    id: said(state),
    isLive: state === "live",
    problems: state === "rejected" ? [problem({})] : [],
    pending: state === "pending" ? pending : null,
    refused: state === "refused" ? refused : null,
    at: state === "scheduled" ? ago(-86_400) : null,
    other: state === "duplicate" || state === "foreign" ? said("other") : null,
    reason: state === "no-article" ? "no-front-matter" : said("reason"),
  });
  return {
    version: "9.8.7",
    time: ago(0),
    started: ago(86_400 * 3),
    repo: said("/git/current"),
    ref: said("HEAD"),
    owner: said("blog"),
    inserter: "http://inserter:8081/post",
    include: ["**/*.md"],
    exclude: ["**/README.md"],
    phase: "following",
    verdict: { kind: "in-step", except: { total: 0, shown: [] }, needsAction: false },
    inStep: true,
    since: ago(325),
    outOfStepMs: 0,
    reasons: [],
    health: { ok: true, reasons: [] },
    ready: { ok: true, reasons: [] },
    revision: {
      id: "3f1c9a7be0d24c5f8a6b7c8d9e0f1a2b3c4d5e6f",
      subject: said("Publish the post on towers"),
      authored: ago(340),
      flipped: ago(326),
      seen: ago(325.9),
      live: ago(325),
    },
    articles: {
      counts: isEmpty
        ? {
            published: 0,
            pending: 0,
            scheduled: 0,
            withdrawn: 0,
            held: 0,
            rejected: 0,
            refused: 0,
            undeletable: 0,
          }
        : {
            published: 1_284,
            pending: 1,
            scheduled: 1,
            withdrawn: 37,
            held: 1,
            rejected: 1,
            refused: 1,
            undeletable: 1,
          },
      pending: list(pending),
      scheduled: list({ id: said("spring"), path: path("spring"), at: ago(-86_400 * 20) }),
      rejected: list({
        path: path("hello"),
        id: said("hello"),
        keeps: [said("hello")],
        problems: [
          problem({}),
          problem({
            code: "empty-key",
            params: { key: said("title") },
            line: 2,
            column: 7,
            length: 1,
            message: said("title is empty"),
            hint: said("Write something after `title:`."),
            excerpt: said("title:"),
          }),
        ],
      }),
      duplicates: list({ path: path("copy"), id: said("hello"), winner: path("hello") }),
      held: list({ path: path("maze"), id: said("maze"), reason: said("Rendering took more than 2 s") }),
      refused: list(refused),
      undeletable: list({ id: said("old"), path: path("old") }),
      foreign: list({ id: said("theirs"), path: path("theirs"), owner: said("somebody") }),
    },
    brake: null,
    endpoint: null,
    stateTrouble: null,
    inFlight: 0,
    inventory: "inventory",
    startedOver: null,
    lastVerified: ago(42),
    lastPass: { at: ago(325), trigger: "watch", way: "walk", examined: 3, begun: 2, durationMs: 12 },
    nextDrift: ago(-18),
    nextResync: ago(-2_400),
    recent: isEmpty
      ? []
      : Array.from({ length: 34 }, (_, n) => ({
          at: ago(325 + n * 3_333),
          kind: n % 9 === 4 ? ("delete" as const) : ("upsert" as const),
          id: said(`a${n}`),
          path: path(`article-${n}`),
          cause: n % 9 === 4 ? ("deleted" as const) : ("changed" as const),
          attempts: n === 5 ? 4 : 1,
          tookMs: 4 + (n % 5),
          liveMs: n === 5 ? 95_000 : 20 + ((n * 7_919) % 140),
        })),
    doubtful: isEmpty
      ? []
      : [
          {
            path: path("towers"),
            id: said("towers"),
            problems: [
              problem({
                code: "image-missing",
                severity: "warning",
                params: { target: said("images/tower.png") },
                line: 9,
                column: 10,
                length: 16,
                message: said("The image images/tower.png is not in the repository"),
                hint: said("Commit the image, or fix its path; upper and lower case differ."),
                excerpt: said("![Tower](images/tower.png)"),
              }),
            ],
          },
        ],
    found: found ? STATES.map(one) : [],
  };
}
