import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Problem } from "../../../src/sync/model.ts";
import { StatusScene } from "../../support/status-scene.ts";

const listener = suite("warnings in the status");

listener("tells what is doubtful; answers without it when nobody can tell just now", async () => {
  const scene = await StatusScene.open({ "a.md": "article a" }, { secret: "hunter2" });
  try {
    const place = { line: 5, column: 8, length: 6 } as const;
    const missing = (target: string): Problem => {
      return { code: "image-missing", severity: "warning", params: { target }, ...place };
    };
    scene.warnings.set("a.md", [missing("hunter2.png")]);
    const { doubtful } = await scene.until("warnings", (status) => status.doubtful.length > 0);
    assert.equal(
      doubtful.map(({ path, id, problems }) => [path, id, problems[0]?.where, problems[0]?.message]),
      [["a.md", "a", "a.md:5:8", "The image [redacted].png is not in the repository"]],
    );
    assert.is((await scene.find("a.md"))[0]?.problems[0]?.code, "image-missing");
    scene.lint = () => new Promise(() => {});
    scene.change({ "a.md": "article a again" });
    await scene.until("the edit", ({ recent }) => recent.length === 2);
    assert.equal((await scene.status()).doubtful, [], "it is about what was there before");
    const [found] = await scene.find("a.md");
    assert.equal([found?.state, found?.problems], ["live", []]);
  } finally {
    await scene.close();
  }
});

listener.run();
