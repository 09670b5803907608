/** GitHub's flavour in what is built: also on the threads that a backlog starts, and with the sanitizer. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { article, sceneWith } from "../support/scene.ts";

const test = suite("flavour");

const BODY = `| a |
|---|
| <kbd>b</kbd> <script>c</script> |

:::message
$x^2$ [d](e.md) ![f](g.png)
:::
`;
const HTML = `<table>
<thead>
<tr>
<th>a</th>
</tr>
</thead>
<tbody>
<tr>
<td><kbd>b</kbd> </td>
</tr>
</tbody>
</table>
<aside class="message">
<p><span class="math">x^2</span> <a href="/posts/e">d</a> <img src="/files/g.png" alt="f" /></p>
</aside>
`;
const CONFIG = `export default {
  inserter: { url: "http://localhost:1/post" },
  articles: {
    markdown: "gfm",
    math: true,
    containers: true,
    links: { article: "/posts/{name}", asset: "/files/{path}" },
  },
};
`;

test("is the same in this thread and on others", async () => {
  const ids = Array.from({ length: 400 }, (_, index) => `n${index}`);
  const long = article("long", "Long", "", `${BODY}\n${"word ".repeat(20_000)}\n`);
  await using scene = await sceneWith({
    "long.md": long,
    ...Object.fromEntries(ids.map((id) => [`${id}.md`, article(id, id, "", BODY)])),
  });
  const { code, stderr } = await scene.once(["--config", scene.config(CONFIG)]);
  assert.is(code, 0, stderr);
  for (const id of ["n0", "n1", "n200", "n399"]) assert.is((await scene.payload(id))?.["html"], HTML);
  assert.ok(String((await scene.payload("long"))?.["html"]).startsWith(HTML));
});

test.run();
