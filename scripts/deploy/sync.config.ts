import type { SyncConfig } from "../../src/index.ts";

/** The configuration that the README's deployment is derived from. */
export default {
  repo: "/git/repo",
  inserter: {
    url: "http://inserter:8081/post",
    token: { file: "/var/run/secrets/sync-agent/token" },
  },
  status: { listen: "0.0.0.0:9300" },
} satisfies SyncConfig;
