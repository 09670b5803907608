import { version } from "../../version.ts";

/** Paths in the pod. */
export const paths = {
  root: "/git",
  repo: "/git/repo",
  config: "/etc/sync-agent",
  secrets: "/var/run/secrets/sync-agent",
  /** Where git-sync looks for its key. */
  gitSecrets: "/etc/git-secret",
  state: "/var/lib/sync-agent",
} as const;

/** What one deployment differs from another in. */
export interface Deployed {
  /** The configuration: `sync.config.ts`, and what it imports. */
  readonly files: readonly { readonly name: string; readonly text: string }[];
  /** Files that hold secrets, and what has to be in them. */
  readonly secrets: readonly { readonly key: string; readonly means: string }[];
  /** Where authors push, as git-sync takes it. */
  readonly gitUrl: string;
  /** False where that is a guess. */
  readonly isGitKnown: boolean;
  readonly ref: string;
  readonly statusPort: number;
  /** Whether the state outlives the pod. */
  readonly keepsState: boolean;
  /** Null for the embedded one. */
  readonly inserter: URL | null;
  /** The inserter listens on loopback: it has to run in the pod. */
  readonly isBeside: boolean;
}

/** What git-sync needs to read over SSH. The agent never sees it. */
const GIT_SECRETS = [
  { key: "ssh", means: "private key that may read the repository" },
  { key: "known_hosts", means: "what ssh-keyscan says of the Git server" },
];

const isSsh = ({ gitUrl }: Deployed): boolean => !["https:", "http:"].includes(protocolOf(gitUrl));

/** git-sync's own; not the one of the agent beside it. */
const gitSyncPort = ({ statusPort }: Deployed): number => (statusPort === 1234 ? 1235 : 1234);

/** The manifest: ConfigMap, Secret, PersistentVolumeClaim, Deployment and NetworkPolicy. */
export function manifest(deployed: Deployed): string {
  const documents = [
    configMap(deployed),
    deployed.secrets.length === 0 ? null : secret("sync-agent", deployed.secrets),
    isSsh(deployed) ? secret("sync-agent-git", GIT_SECRETS) : null,
    deployed.keepsState ? claim : null,
    deployment(deployed),
    networkPolicy(deployed),
  ];
  return documents.filter((document) => document !== null).join("---\n");
}

function configMap({ files }: Deployed): string {
  // Without a number YAML takes the first line's own blanks for those of the block.
  const data = files.map(
    ({ name, text }) => `  ${name}: |${/^\s/.test(text) ? 2 : ""}\n${indented(text, 4)}`,
  );
  return `apiVersion: v1
kind: ConfigMap
metadata:
  name: sync-agent
data:
${data.join("")}`;
}

function secret(name: string, secrets: Deployed["secrets"]): string {
  const data = secrets.map(({ key, means }) => `  ${key}: change-me # ${means}\n`);
  return `apiVersion: v1
kind: Secret
metadata:
  name: ${name}
stringData:
${data.join("")}`;
}

const claim = `apiVersion: v1
kind: PersistentVolumeClaim
metadata:
  name: sync-agent-state
spec:
  accessModes: [ReadWriteOnce]
  resources:
    requests: { storage: 1Gi }
`;

function deployment(deployed: Deployed): string {
  const { secrets, keepsState, isBeside } = deployed;
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: sync-agent
spec:
  replicas: 1
  strategy:
    type: Recreate # one writer of the state at a time
  selector:
    matchLabels: { app: sync-agent }
  template:
    metadata:
      labels: { app: sync-agent }
    spec:
      automountServiceAccountToken: false
      securityContext:
        runAsNonRoot: true
        runAsUser: 65533
        runAsGroup: 65533
        fsGroup: 65533
        seccompProfile: { type: RuntimeDefault }
      containers:
${isBeside ? "        # The configuration has the inserter on localhost: add its container here.\n" : ""}\
${gitSyncContainer(deployed)}\
${agentContainer(deployed)}\
      volumes:
        - name: git
          emptyDir: {}
        - name: tmp
          emptyDir: {}
        - name: config
          configMap: { name: sync-agent }
${secrets.length === 0 ? "" : "        - name: secrets\n          secret: { secretName: sync-agent }\n"}\
${isSsh(deployed) ? "        - name: git-secrets\n          secret: { secretName: sync-agent-git }\n" : ""}\
${keepsState ? "        - name: state\n          persistentVolumeClaim: { claimName: sync-agent-state }\n" : ""}`;
}

function gitSyncContainer(deployed: Deployed): string {
  const { gitUrl, isGitKnown, ref } = deployed;
  const port = gitSyncPort(deployed);
  const args: [arg: string, note?: string][] = [
    [`--repo=${gitUrl}`, isGitKnown ? "" : "where authors push"],
    [`--ref=${ref}`],
    [`--root=${paths.root}`],
    ["--link=repo"],
    ["--depth=1"],
    ["--period=10s"],
    ["--stale-worktree-timeout=10m", "who reads the old revision may finish"],
    ["--max-failures=-1", "an outage of the Git server is waited for"],
    [`--http-bind=:${port}`],
  ];
  if (isSsh(deployed)) args.push([`--ssh-key-file=${paths.gitSecrets}/ssh`]);
  const lines = args.map(([arg, note = ""]) => {
    return `            - ${scalar(arg)}${note === "" ? "" : ` # ${note}`}\n`;
  });
  return `        - name: git-sync
          image: registry.k8s.io/git-sync/git-sync:v4.7.1
          args:
${lines.join("")}\
          readinessProbe:
            httpGet: { path: /, port: ${port} }
          resources:
            requests: { cpu: 10m, memory: 64Mi }
            limits: { memory: 512Mi }
          securityContext: &restricted
            allowPrivilegeEscalation: false
            privileged: false
            readOnlyRootFilesystem: true
            capabilities: { drop: [ALL] }
          volumeMounts:
            - { name: git, mountPath: ${paths.root} }
            - { name: tmp, mountPath: /tmp }
${isSsh(deployed) ? `            - { name: git-secrets, mountPath: ${paths.gitSecrets}, readOnly: true }\n` : ""}`;
}

function agentContainer({ secrets, statusPort, keepsState }: Deployed): string {
  return `        - name: sync-agent
          image: sync-agent:${version}
          args: [run, --config, ${paths.config}/sync.config.ts]
          ports:
            - { name: status, containerPort: ${statusPort} }
          livenessProbe:
            httpGet: { path: /healthz, port: status }
            periodSeconds: 30
            failureThreshold: 3
          readinessProbe:
            httpGet: { path: /readyz, port: status }
          resources:
            requests: { cpu: 50m, memory: 128Mi }
            limits: { memory: 512Mi }
          securityContext: *restricted
          volumeMounts:
            - { name: git, mountPath: ${paths.root}, readOnly: true }
            - { name: config, mountPath: ${paths.config}, readOnly: true }
${secrets.length === 0 ? "" : `            - { name: secrets, mountPath: ${paths.secrets}, readOnly: true }\n`}\
${keepsState ? `            - { name: state, mountPath: ${paths.state} }\n` : ""}`;
}

/** A policy is for a whole pod, so what git-sync needs is in it too. */
function networkPolicy(deployed: Deployed): string {
  const { gitUrl, statusPort, inserter, isBeside } = deployed;
  const toInserter = inserter === null || isBeside ? "" : egressTo(inserter);
  return `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata:
  name: sync-agent
spec:
  podSelector:
    matchLabels: { app: sync-agent }
  policyTypes: [Ingress, Egress]
  ingress:
    - ports: # probes and metrics
        - { protocol: TCP, port: ${statusPort} }
        - { protocol: TCP, port: ${gitSyncPort(deployed)} }
  egress:
${toInserter}\
    - ports: # git-sync, to the Git server
        - { protocol: TCP, port: ${gitPort(gitUrl)} }
    - ports: # names
        - { protocol: UDP, port: 53 }
        - { protocol: TCP, port: 53 }
`;
}

/** An address is allowed as such; a name without dots, or of the cluster, is a Service and stands for pods. */
function egressTo({ hostname, port, protocol }: URL): string {
  const ports = `\
      ports:
        - { protocol: TCP, port: ${port || (protocol === "https:" ? 443 : 80)} }
`;
  const host = hostname.replace(/^\[(.*)\]$/, "$1");
  if (/^[\d.]+$/.test(host) || host.includes(":")) {
    const cidr = `${host}/${host.includes(":") ? 128 : 32}`;
    return `    - to: # the inserter\n        - ipBlock: { cidr: ${JSON.stringify(cidr)} }\n${ports}`;
  }
  const [service = "", namespace, ...rest] = host.split(".");
  if (rest.length > 0 && rest[0] !== "svc") {
    return `    - # the inserter: a policy knows no names, so narrow it down to its addresses\n${ports}`;
  }
  const inNamespace =
    namespace === undefined
      ? ""
      : `          namespaceSelector:\n            matchLabels: { kubernetes.io/metadata.name: ${scalar(namespace)} }\n`;
  return `    - to: # the inserter: labels and port of its pods, not of its Service
        - podSelector:
            matchLabels: { app: ${scalar(service)} }
${inNamespace}${ports}`;
}

/** Of `https://host:port/...`, `ssh://...` or `user@host:path`. */
const protocolOf = (url: string): string => URL.parse(url)?.protocol ?? "ssh:";

function gitPort(url: string): number {
  const port = URL.parse(url)?.port ?? "";
  const known: Readonly<Record<string, number>> = { "https:": 443, "http:": 80 };
  return port === "" ? (known[protocolOf(url)] ?? 22) : Number(port);
}

/** A text as YAML takes it for one: as it is where that is safe, else in quotes. */
function scalar(text: string): string {
  const isPlain = /^[\w./@=:,+-]*[\w/]$/.test(text) && /[a-zA-Z]/.test(text);
  return isPlain && !/^(true|false|null|yes|no|on|off)$/i.test(text) ? text : JSON.stringify(text);
}

const indented = (text: string, blanks: number): string =>
  text.replace(/\n*$/, "\n").replace(/^(?=.)/gm, " ".repeat(blanks));
