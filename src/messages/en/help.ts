/** What `--help` prints. Paragraphs are wrapped when they are shown. */
export const HELP = {
  about: "sync-agent keeps an HTTP inserter API in step with the Markdown articles of a Git repository.",
  usage: "Usage:",
  headings: {
    commands: "Commands:",
    options: "Options:",
    examples: "Examples:",
    exitCodes: "Exit codes:",
    tryIt: "Try it in a clone of your articles, with nothing else installed:",
  },
  tryIt: {
    "sync-agent plan": "what would be published, and what is wrong",
    "sync-agent init": "write a configuration to start from",
  },
  exitCodes: {
    0: "in step, nothing wrong",
    1: "an article is rejected, refused, held or not delivered",
    2: "wrong usage or configuration, or the state is in use",
    3: "there is something to do (plan --exit-code)",
  },
  more: '"sync-agent COMMAND --help" explains a command.',
  commands: {
    run: {
      summary: "follow the repository and keep the inserter in step (default)",
      about: [
        "The daemon. Compares repository and inserter once, then follows: a new revision is noticed within moments, and by polling where the file system reports no event. Waits for what is not there yet (repository, inserter).",
        "SIGTERM or SIGINT end it within 5 seconds: requests in flight get most of that, the rest stays pending and is delivered at the next start. SIGHUP reads the configuration again and compares everything.",
        "--worktree is a preview for authors: the files as they are on disk, committed or not, shown by the embedded inserter at the address that is printed. A saved file is on the page a moment later; what is wrong in an article is reported at once, with its line. Nothing is stored, and no other inserter is contacted, whatever the configuration says. It ends with its terminal.",
      ],
      examples: {
        "sync-agent run --worktree": "preview while writing",
        "sync-agent": "with the sync.config.ts of this directory",
        "sync-agent run -r /git/link -i http://localhost:8081/post": "without any configuration file",
      },
    },
    once: {
      summary: "bring the inserter in step once, print a summary, exit",
      about: [
        "Compares everything, delivers what is missing, prints a summary. For cron, CI and trying things out. Exits with 1 if some article is rejected, refused, held or could not be delivered.",
        "--allow-mass-delete approves the deletes that the brake holds (prune.maxFraction): exactly the ids that it prints, and once. Beside a running daemon it leaves the approval to that one.",
      ],
      examples: {
        "sync-agent once": "bring the inserter in step",
        "sync-agent once --full": "and send every article again",
        "sync-agent once --full intro faq --wait 2m": "send two articles again, wait longer",
      },
    },
    plan: {
      summary: "show what once would do and why, change nothing",
      about: [
        "Shows what once would send and delete, and why, without changing anything: neither state nor inserter. May run beside the daemon.",
        "It reads like a diff: + new, ~ changed (with the keys of the payload that differ, where the version before is still in Git), - deleted, ! rejected or held back, = sent again unchanged.",
        "--json prints one object: config, revision, note, planned (do, id, path, cause, why, fields), kept (ids that stay because a file is rejected), foreign (ids of another owner), findings (as check has them), brake and counts. Lists are in byte order of id or path.",
      ],
      examples: {
        "sync-agent plan": "for people",
        "sync-agent plan --exit-code --json > plan.json": "for scripts: 3 if there is something to do",
      },
    },
    check: {
      summary: "validate the configuration and every article",
      about: [
        "Validates the configuration and every article of the current revision, and contacts nothing: for CI and editors. Exits with 1 if something would be rejected. --format github marks lines in pull requests, sarif is for code scanning.",
      ],
      examples: {
        "sync-agent check --worktree": "the files as they are on disk, before committing",
        "sync-agent check --format github": "in a GitHub workflow",
      },
    },
    explain: {
      summary: "explain why a file is or is not published",
      about: [
        "Explains why a file is or is not published: the glob that selects or excludes it, what is wrong in which line, whether it is a draft, scheduled, or loses its id to another file, and what the inserter is known to hold.",
      ],
      examples: { "sync-agent explain posts/intro.md": "path from the repository's root, or from here" },
    },
    status: {
      summary: "show what the daemon, or else its state, knows",
      about: [
        "Asks the running daemon through status.listen; where there is none, reads its state file, without disturbing it.",
        "With a path or id, or a part of one: why that article is, or is not, at the inserter, and what errors and warnings it has.",
      ],
      examples: {
        "sync-agent status": "for people",
        "sync-agent status posts/intro.md": "why is this one not there?",
        "sync-agent status --exit-code --json": "the verdict of /healthz as exit code",
      },
    },
    init: {
      summary: "write a sync.config.ts that fits the repository",
      about: [
        "Finds out by the files of the repository which tool it is for (Hugo, Jekyll, Zenn, Qiita, Hexo, Docusaurus, Astro, Eleventy, Nextra, Obsidian), and writes a short sync.config.ts with that preset, and sync-agent.d.ts for editors. Existing files are left alone, and what Git ignores is not looked at. Then it prints how many articles that would publish, and what it would reject.",
        "--kubernetes and --deno derive something from the configuration that is there, print it and write nothing: a manifest that runs the agent beside git-sync, or the permissions that Deno has to give.",
      ],
      examples: {
        "sync-agent init && sync-agent check": "from nothing to a first verdict on the articles",
        "sync-agent init --kubernetes > sync-agent.yaml": "beside git-sync, for kubectl apply -f",
        "sync-agent init --deno": "the least permissions, for deno run",
      },
    },
    inserter: {
      summary: "serve the reference inserter (SQLite, Elasticsearch or OpenSearch; full-text search)",
      about: [
        "Serves the inserter API on SQLite, or with --store on Elasticsearch or OpenSearch, until SIGTERM: to try things out, to test against, or to keep articles in. With inventory, batches, search (?q=words), an OpenAPI document at /openapi.json, and a page to browse the articles at /.",
      ],
      examples: {
        "sync-agent inserter --db articles.sqlite --listen 127.0.0.1:8081":
          "serves http://127.0.0.1:8081/post",
        "sync-agent inserter --store http://127.0.0.1:9200 --index articles": "on a search engine",
      },
    },
    completion: {
      summary: "print the completion script of a shell",
      about: [
        "Prints the script that completes commands and options in bash, zsh or fish. Put one of these lines into the start-up file of your shell.",
      ],
      examples: {
        "source <(sync-agent completion bash)": "in ~/.bashrc, or with zsh in ~/.zshrc after compinit",
        "sync-agent completion fish | source": "in ~/.config/fish/config.fish",
      },
    },
  },
  options: {
    waitMs: "longest wait for repository and inserter (30s)",
    full: "send everything again, or just the articles with the ids given",
    allowMassDelete: "approve the deletes that the brake holds, once",
    exitCode: "plan: exit with 3 if there is something to do; status: with the verdict of /healthz",
    worktree: "take the files as they are on disk, not the committed ones",
    format: "pretty, json, github or sarif (pretty)",
    strict: "check: end with 1 for warnings too, not only for errors",
    db: "SQLite file to keep the articles in (default: in memory)",
    store: "Elasticsearch or OpenSearch to keep the articles in, instead of SQLite: nodes of one cluster",
    index: "alias in front of its indices (articles)",
    storeAuth: 'file with user:password, or a header like "ApiKey ..."',
    storeCa: "PEM file of the authorities to trust",
    storeCert: "PEM file of the client certificate",
    storeKey: "PEM file of its private key",
    storeTimeoutMs: "longest wait for an answer of one node (10s)",
    mapping: "JSON file with settings and mappings of one's own",
    listen: "where to listen (127.0.0.1:8081)",
    allowedHosts: "names that browsers may ask for in Host; on loopback besides its own",
    tokenFile: "file with the token that writes and the inventory need",
    preset: "use this preset instead of the one that is found: hugo, jekyll, zenn ...",
    kubernetes: "print a manifest for the configuration, write nothing",
    deno: "print the flags of deno run for the configuration, write nothing",
    config: "configuration file (default: sync.config.* here or above)",
    noConfig: "look for no configuration file",
    repo: "Git repository, or git-sync's link to it",
    inserter: 'inserter to keep in step, or "embedded"',
    state: 'state file, or ":memory:"',
    json: "print the result as JSON",
    logLevel: "debug, info, warn or error (info)",
    logFormat: "auto, pretty or json (auto)",
    lang: "language of the result: en or ja (that of $LANG)",
    help: "show help",
    version: "show version and revision",
  },
};
