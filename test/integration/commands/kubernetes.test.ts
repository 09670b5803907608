/** What `init --kubernetes` prints: taken by Kubernetes' own schemas, and right in what it says. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Deployment } from "kubernetes-models/apps/v1/Deployment";
import { NetworkPolicy } from "kubernetes-models/networking.k8s.io/v1/NetworkPolicy";
import { ConfigMap } from "kubernetes-models/v1/ConfigMap";
import { PersistentVolumeClaim } from "kubernetes-models/v1/PersistentVolumeClaim";
import { Secret } from "kubernetes-models/v1/Secret";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseAllDocuments } from "yaml";
import { parseCommandLine } from "../../../src/cli/argv.ts";
import { init } from "../../../src/commands/init.ts";
import { loadSettings } from "../../../src/config/load.ts";
import type { Settings } from "../../../src/config/settings.ts";
import { testIo } from "../../support/io.ts";
import { Repository, temporaryFolder } from "../../support/repository.ts";

interface Context {
  folder: ReturnType<typeof temporaryFolder>;
}

const kubernetes = suite<Context>("init --kubernetes");

kubernetes.before.each((context) => {
  context.folder = temporaryFolder();
});
kubernetes.after.each(({ folder }) => folder.remove());

// biome-ignore lint/suspicious/noExplicitAny: what was parsed has any shape, that is the point
type Parsed = any;
const ROOT = resolve(import.meta.dirname, "../../..");
const models = { ConfigMap, Secret, PersistentVolumeClaim, Deployment, NetworkPolicy };

/** The manifest's objects by kind, each validated. */
async function objectsFor(dir: string, config: string, args: readonly string[] = []) {
  const text = await printed(dir, config, args);
  const objects: Record<string, Parsed> = {};
  for (const document of parseAllDocuments(text)) {
    assert.equal(document.errors, []);
    const object = document.toJS();
    const Model: new (data: Parsed) => { apiVersion: string; validate(): void } =
      models[object.kind as keyof typeof models];
    const model = new Model(object);
    model.validate();
    objects[object.kind] = object;
  }
  return { text, objects, one: (kind: string): Parsed => objects[kind] };
}

async function printed(dir: string, config: string, args: readonly string[] = []): Promise<string> {
  writeFileSync(join(dir, "sync.config.ts"), config);
  const io = testIo(dir, { SYNC_TOKEN: "token-of-the-environment" });
  const flags = ["init", "--kubernetes", "-c", join(dir, "sync.config.ts"), ...args];
  assert.is(await init(parseCommandLine(flags), io), 0);
  assert.is(io.written.stderr, "");
  return io.written.stdout;
}

/** Settings as the agent in the pod has them: the ConfigMap's files in a folder. */
async function settingsIn(dir: string, { data }: { data: Record<string, string> }): Promise<Settings> {
  const mount = join(dir, "mount");
  mkdirSync(mount);
  for (const [name, text] of Object.entries(data)) writeFileSync(join(mount, name), text);
  const nothing = { repo: null, inserter: null, state: null, logLevel: null, logFormat: null };
  return loadSettings({
    flags: { ...nothing, config: join(mount, "sync.config.ts") },
    cwd: mount,
    env: { STATE_DIRECTORY: "/var/lib/sync-agent" },
    secretsRequired: false,
  });
}

const simple =
  'export default { repo: ".", poll: "7s", inserter: { url: "http://inserter.blog:8081/post" } };';

kubernetes(
  "prints what the schemas of Kubernetes take, with no key that they do not know",
  async ({ folder }) => {
    const { objects } = await objectsFor(folder.path, simple);
    assert.equal(Object.keys(objects), ["ConfigMap", "PersistentVolumeClaim", "Deployment", "NetworkPolicy"]);
    // The schemas let unknown keys pass, and Kubernetes drops them. The types that are made of them do not.
    const from = {
      ConfigMap: "v1",
      PersistentVolumeClaim: "v1",
      Deployment: "apps/v1",
      NetworkPolicy: "networking.k8s.io/v1",
    };
    const lines = Object.entries(from).map(
      ([kind, group]) =>
        `import type { I${kind} } from "kubernetes-models/${group}/${kind}";\nexport const a${kind}: I${kind} = ${JSON.stringify(objects[kind])};`,
    );
    symlinkSync(join(ROOT, "node_modules"), join(folder.path, "node_modules"));
    writeFileSync(join(folder.path, "manifest.mts"), lines.join("\n"));
    const flags = ["--noEmit", "--strict", "--skipLibCheck", "--module", "nodenext", "--types", ""];
    const tsc = join(ROOT, "node_modules/.bin/tsc");
    execFileSync(tsc, [...flags, "--ignoreConfig", "manifest.mts"], { cwd: folder.path, encoding: "utf8" });
  },
);

kubernetes("runs git-sync and the agent with no more rights than they need", async ({ folder }) => {
  const { one } = await objectsFor(folder.path, simple);
  const { replicas, strategy, template } = one("Deployment").spec;
  assert.is(replicas, 1);
  assert.equal(strategy, { type: "Recreate" });
  const { spec } = template;
  assert.is(spec.automountServiceAccountToken, false);
  const { runAsNonRoot, runAsUser, seccompProfile } = spec.securityContext;
  assert.equal([runAsNonRoot, runAsUser, seccompProfile], [true, 65533, { type: "RuntimeDefault" }]);
  const [gitSync, agent] = spec.containers;
  for (const { securityContext, resources } of [gitSync, agent]) {
    assert.equal(securityContext, {
      allowPrivilegeEscalation: false,
      privileged: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    assert.ok(resources.requests.memory && resources.limits.memory);
  }
  const argument = (name: string) => gitSync.args.find((arg: string) => arg.startsWith(`${name}=`));
  for (const name of ["--link", "--root", "--period", "--stale-worktree-timeout", "--depth", "--http-bind"]) {
    assert.ok(argument(name), name);
  }
  assert.equal(gitSync.readinessProbe.httpGet, { path: "/", port: 1234 });
  const writable = agent.volumeMounts.filter((mount: Parsed) => mount.readOnly !== true);
  assert.equal(
    writable.map((mount: Parsed) => mount.name),
    ["state"],
  );
  assert.is(agent.livenessProbe.httpGet.path, "/healthz");
  assert.is(agent.readinessProbe.httpGet.path, "/readyz");
});

kubernetes(
  "lets the pod reach the inserter, the Git server and names, and nothing else",
  async ({ folder }) => {
    const upstream = new Repository(join(folder.path, "clone"));
    upstream.git("remote", "add", "origin", "ssh://git@git.example.org:2222/blog.git");
    const policyFor = async (url: string) => {
      const config = `export default { repo: "clone", inserter: { url: "${url}" } };`;
      const { one } = await objectsFor(folder.path, config);
      const { podSelector, policyTypes, egress } = one("NetworkPolicy").spec;
      assert.equal(podSelector, one("Deployment").spec.selector);
      assert.equal(policyTypes, ["Ingress", "Egress"]);
      const [git, names] = egress.slice(-2);
      assert.equal(git, { ports: [{ protocol: "TCP", port: 2222 }] });
      assert.equal(
        names.ports.map(({ port }: Parsed) => port),
        [53, 53],
      );
      return egress.slice(0, -2);
    };
    const to = (selector: object, port: number) => [{ to: [selector], ports: [{ protocol: "TCP", port }] }];
    const pods = { podSelector: { matchLabels: { app: "inserter" } } };
    const namespaceSelector = { matchLabels: { "kubernetes.io/metadata.name": "blog" } };
    assert.equal(await policyFor("http://inserter:8081/post"), to(pods, 8081));
    for (const host of ["inserter.blog", "inserter.blog.svc", "inserter.blog.svc.cluster.local"]) {
      assert.equal(await policyFor(`http://${host}/post`), to({ ...pods, namespaceSelector }, 80), host);
    }
    assert.equal(await policyFor("http://10.1.2.3:81/post"), to({ ipBlock: { cidr: "10.1.2.3/32" } }, 81));
    assert.equal(await policyFor("https://[fd00::1]/post"), to({ ipBlock: { cidr: "fd00::1/128" } }, 443));
    assert.equal(await policyFor("https://api.example.com/post"), [
      { ports: [{ protocol: "TCP", port: 443 }] },
    ]);
    assert.equal(await policyFor("http://localhost:8081/post"), [], "it is in the pod itself");
  },
);

kubernetes("gives git-sync the address that authors push to, and the ref", async ({ folder }) => {
  const upstream = new Repository(join(folder.path, "clone"));
  upstream.git("remote", "add", "origin", "https://ada:s3cretword@git.example.org/blog.git");
  const config =
    'export default { repo: "clone", ref: "release/2", inserter: { url: "http://inserter:8081/post" } };';
  const { one, text } = await objectsFor(folder.path, config);
  const [gitSync] = one("Deployment").spec.template.spec.containers;
  assert.ok(gitSync.args.includes("--repo=https://git.example.org/blog.git"));
  assert.ok(gitSync.args.includes("--ref=release/2"));
  assert.not.match(text, "s3cretword");
  const settings = await settingsIn(folder.path, one("ConfigMap"));
  assert.is(settings.ref, "HEAD", "git-sync follows the ref, and its worktree is detached");
  assert.is(settings.repo, "/git/repo");
});

kubernetes("keeps what was configured, with the paths of the pod", async ({ folder }) => {
  const config = `export default {
    repo: ".", poll: "7s", state: "./state.sqlite", owner: "me", status: { listen: "127.0.0.1:9400", allowedHosts: ["blog.example"] },
    articles: { include: ["a/*.md", "b/*.md"], maxSize: "2MiB" },
    inserter: { url: "http://inserter:8081/post", timeout: "3s", token: { env: "SYNC_TOKEN" } },
  };`;
  const { one, text } = await objectsFor(folder.path, config);
  const settings = await settingsIn(folder.path, one("ConfigMap"));
  const token = "/var/run/secrets/sync-agent/token";
  assert.equal([settings.pollMs, settings.owner, settings.inserter.timeoutMs], [7_000, "me", 3_000]);
  assert.equal(settings.articles.include, ["a/*.md", "b/*.md"]);
  assert.equal(settings.status, { host: "0.0.0.0", port: 9400, allowedHosts: ["blog.example"] });
  assert.equal(settings.inserter.token, { file: token });
  assert.is(settings.state, "/var/lib/sync-agent/state.sqlite");
  const [, agent] = one("Deployment").spec.template.spec.containers;
  assert.equal(agent.ports, [{ name: "status", containerPort: 9400 }]);
  assert.equal(Object.keys(one("Secret").stringData), ["token"]);
  assert.not.match(text, "token-of-the-environment");
  parseCommandLine(agent.args);
});

kubernetes("takes hooks along as they are, without the secrets beside them", async ({ folder }) => {
  const config = `const title = (text: string) => text.toUpperCase();
export default {
  repo: ".", ref: "main", state: "state.sqlite",
  inserter: {
    url: "https://bob:hunter22@inserter.example.com/post",
    headers: { "X-Api-Key": "key-written-down", "X-Tenant": "acme" },
    tls: { ca: "ca.pem" },
  },
  articles: { map: ({ payload }) => ({ ...payload, title: title(payload.title) }) },
};
`;
  const { one, text } = await objectsFor(folder.path, config);
  for (const secret of ["hunter22", "key-written-down"]) assert.not.match(text, secret);
  assert.equal(Object.keys(one("Secret").stringData).sort(), [
    "ca.crt",
    "header-authorization",
    "header-x-api-key",
  ]);
  const settings = await settingsIn(folder.path, one("ConfigMap"));
  assert.type(settings.articles.map, "function");
  const { url, basic, headers, tls } = settings.inserter;
  assert.equal([url, basic], ["https://inserter.example.com/post", null]);
  assert.is(headers["X-Tenant"], "acme");
  assert.equal(headers["Authorization"], { file: "/var/run/secrets/sync-agent/header-authorization" });
  assert.is(tls.ca, "/var/run/secrets/sync-agent/ca.crt");
  assert.is(settings.state, "/var/lib/sync-agent/state.sqlite");
});

kubernetes(
  "asks for no volume where nothing is kept, and for no Secret where there is none",
  async ({ folder }) => {
    const config = 'export default { repo: ".", state: ":memory:", inserter: { url: "embedded" } };';
    const { objects, one } = await objectsFor(folder.path, config);
    assert.equal(Object.keys(objects), ["ConfigMap", "Deployment", "NetworkPolicy"]);
    const names = one("Deployment").spec.template.spec.volumes.map(({ name }: Parsed) => name);
    assert.equal(names, ["git", "tmp", "config"]);
    assert.is((await settingsIn(folder.path, one("ConfigMap"))).state, ":memory:");
  },
);

kubernetes("gives git-sync, and it alone, a key where authors push over SSH", async ({ folder }) => {
  const upstream = new Repository(join(folder.path, "clone"));
  upstream.git("remote", "add", "origin", "git@git.example.org:blog.git");
  const config = 'export default { repo: "clone", inserter: { url: "http://inserter:8081/post" } };';
  const text = await printed(folder.path, config);
  const all: Parsed[] = parseAllDocuments(text).map((document) => document.toJS());
  const secret = all.find(({ kind }) => kind === "Secret");
  new Secret(secret).validate();
  assert.equal(
    [secret.metadata.name, Object.keys(secret.stringData)],
    ["sync-agent-git", ["ssh", "known_hosts"]],
  );
  const { containers, volumes } = all.find(({ kind }) => kind === "Deployment").spec.template.spec;
  const [gitSync, agent] = containers;
  const [volume] = volumes.filter((one: Parsed) => one.secret?.secretName === "sync-agent-git");
  const [mount] = gitSync.volumeMounts.filter((one: Parsed) => one.name === volume.name);
  assert.ok(gitSync.args.includes(`--ssh-key-file=${mount.mountPath}/ssh`));
  assert.ok(mount.readOnly);
  assert.not.ok(agent.volumeMounts.some((one: Parsed) => one.name === volume.name));
});

kubernetes("makes room for a status address that git-sync's probe would have had", async ({ folder }) => {
  const config =
    'export default { repo: ".", status: { listen: "127.0.0.1:1234" }, inserter: { url: "embedded" } };';
  const { one } = await objectsFor(folder.path, config);
  const [gitSync, agent] = one("Deployment").spec.template.spec.containers;
  assert.is(agent.ports[0].containerPort, 1234);
  const { port } = gitSync.readinessProbe.httpGet;
  assert.is.not(port, 1234);
  assert.ok(gitSync.args.includes(`--http-bind=:${port}`));
  const [{ ports }] = one("NetworkPolicy").spec.ingress;
  assert.equal(
    ports.map((allowed: Parsed) => allowed.port),
    [1234, port],
  );
});

kubernetes("names secrets so that Kubernetes takes the names, each its own", async ({ folder }) => {
  const headers = { "X-A!Key": { env: "A" }, "X-A'Key": { env: "B" }, "X-A-Key": { env: "C" } };
  const config = `export default { repo: ".", inserter: { url: "http://inserter/post", headers: ${JSON.stringify(headers)} } };`;
  const { one } = await objectsFor(folder.path, config);
  const keys = Object.keys(one("Secret").stringData);
  assert.equal(keys, ["header-x-a-key", "header-x-a-key-2", "header-x-a-key-3"]);
  for (const key of keys) assert.match(key, /^[-._a-zA-Z0-9]+$/);
  const settings = await settingsIn(folder.path, one("ConfigMap"));
  const files = Object.values(settings.inserter.headers).map((header) => (header as { file: string }).file);
  assert.equal(
    files,
    keys.map((key) => `/var/run/secrets/sync-agent/${key}`),
  );
});

kubernetes("takes hooks along byte by byte, whatever their first line begins with", async ({ folder }) => {
  const config = `\n    // Indented, after an empty line: "quotes", #hash, 日本語\n\n\texport default {\n  repo: ".", inserter: { url: "embedded" },\n  articles: { map: ({ payload }) => payload },\n};\n`;
  const { one } = await objectsFor(folder.path, config);
  const { data } = one("ConfigMap");
  assert.is(data["own-sync.config.ts"], config);
  assert.type((await settingsIn(folder.path, one("ConfigMap"))).articles.map, "function");
});

kubernetes("writes nothing", async ({ folder }) => {
  await printed(folder.path, simple);
  assert.equal(readdirSync(folder.path), ["sync.config.ts"]);
});

kubernetes.run();
