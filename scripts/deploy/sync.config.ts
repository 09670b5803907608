import type { SyncConfig } from "../../src/index.ts";

/** The configuration that the manifest and the Deno flags in the documentation are made from. */
export default {
  repo: "/git/repo",
  inserter: {
    url: "http://inserter:8081/post",
    token: { file: "/var/run/secrets/sync-agent/token" },
  },
  status: { listen: "0.0.0.0:9300" },
} satisfies SyncConfig;
