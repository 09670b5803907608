import type { FoundPreset } from "../../article/presets/find.ts";

/**
 * Text of a `sync.config.ts` for a repository: what is read without a configuration, written down.
 *
 * @param repo The repository, relative to where the file will be.
 */
export function configText({ name, isBare }: Omit<FoundPreset, "because">, repo: string): string {
  const articles = [
    name === null ? 'markdown: "gfm"' : `preset: ${JSON.stringify(name)}`,
    ...(isBare ? ['frontMatter: "optional"'] : []),
  ];
  return `import type { SyncConfig } from "sync-agent"; // a type: sync-agent.d.ts has it and all that can stand here

export default {
  repo: ${JSON.stringify(repo)}, // the Git repository; beside git-sync the path of its link
  articles: { ${articles.join(", ")} },
  inserter: { url: "embedded" }, // on this machine only, until the URL of your inserter stands here
} satisfies SyncConfig;
`;
}
