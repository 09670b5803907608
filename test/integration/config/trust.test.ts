/** Which found configuration files are used. Owners are changed where the tests run as root. */
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  type Asker,
  rememberConfig,
  requireOwnConfig,
  requireUsedConfig,
} from "../../../src/config/trust.ts";
import { UsageError } from "../../../src/errors.ts";

const isRoot = process.getuid?.() === 0;
const [ME, OTHER, AUTHOR] = [4001, 4002, 4003];

const trust = suite<{ root: string; file: string }>("trust in a found configuration");
const asRoot: typeof trust = isRoot ? trust : (trust.skip as typeof trust);

trust.before.each((context) => {
  context.root = mkdtempSync(join(tmpdir(), "sync-agent-trust-"));
  context.file = join(context.root, "sync.config.ts");
  writeFileSync(context.file, "export default {};\n");
});
trust.after.each(({ root }) => rmSync(root, { recursive: true, force: true }));

function refusal(work: () => void): string | null {
  try {
    work();
    return null;
  } catch (error) {
    if (error instanceof UsageError) return `${error.message}\n${error.hint}`;
    throw error;
  }
}

asRoot(
  "it belongs to the user, to root, to the user behind sudo, or to the owner of the named repository",
  ({ root, file }) => {
    const repo = join(root, "repo");
    mkdirSync(repo);
    chownSync(repo, AUTHOR, AUTHOR);
    // A folder that others can write, so that the owner of the file alone counts.
    chmodSync(root, 0o777);
    const asked: Asker = { cwd: root, env: {}, repo: null, uid: ME };
    const refused = (owner: number, asker: Partial<Asker>): string | null => {
      chownSync(file, owner, owner);
      return refusal(() => requireOwnConfig(file, { ...asked, ...asker }));
    };
    assert.is(refused(ME, {}), null);
    assert.is(refused(0, {}), null);
    assert.match(refused(OTHER, {}) ?? "", `${file} belongs to another user (uid ${OTHER})`);
    assert.match(refused(OTHER, {}) ?? "", "--no-config");
    assert.is(refused(OTHER, { uid: 0, env: { SUDO_UID: String(OTHER) } }), null);
    assert.ok(refused(OTHER, { uid: ME, env: { SUDO_UID: String(OTHER) } }), "an environment is no proof");
    assert.ok(refused(OTHER, { uid: 0, env: { SUDO_UID: String(AUTHOR) } }));
    assert.is(refused(AUTHOR, { repo }), null);
    assert.ok(refused(OTHER, { repo }));
  },
);

asRoot("or lies in a folder that only root can write", ({ root, file }) => {
  chownSync(file, OTHER, OTHER);
  const refused = (mode: number, owner: number): boolean => {
    chownSync(root, owner, owner);
    chmodSync(root, mode);
    return refusal(() => requireOwnConfig(file, { cwd: root, env: {}, repo: null, uid: ME })) !== null;
  };
  assert.not(refused(0o755, 0));
  assert.ok(refused(0o775, 0));
  assert.ok(refused(0o757, 0));
  assert.ok(refused(0o755, OTHER));
});

trust("where the user is unknown, only the working directory counts", ({ root, file }) => {
  const at = (cwd: string) => refusal(() => requireOwnConfig(file, { cwd, env: {}, repo: null, uid: null }));
  assert.is(at(root), null);
  assert.match(at(join(root, "posts")) ?? "", "is not in the working directory");
});

trust("code is looked at only as it was used before; data always", ({ root, file }) => {
  const used = join(root, "state");
  assert.match(refusal(() => requireUsedConfig(file, used)) ?? "", `--config ${file}`);
  rememberConfig(file, used);
  assert.is(
    refusal(() => requireUsedConfig(file, used)),
    null,
  );
  writeFileSync(file, "export default { poll: '1s' };\n");
  assert.ok(
    refusal(() => requireUsedConfig(file, used)),
    "another content",
  );
  assert.ok(
    refusal(() => requireUsedConfig(file, null)),
    "nowhere to remember it",
  );
  const data = join(root, "sync.config.yaml");
  writeFileSync(data, "poll: 1s\n");
  assert.is(
    refusal(() => requireUsedConfig(data, null)),
    null,
  );
  // Where nothing can be written, nothing fails.
  rememberConfig(file, join(file, "no-folder"));
});

trust.run();
