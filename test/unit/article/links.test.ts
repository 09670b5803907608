import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { LinkPlace } from "../../../src/index.ts";
import { article, articleRoom, bytesOf, payloadOf, places, problemsOf } from "../../support/article.ts";

const linking = suite("where links and images lead");

const BODY = `[a](b.md#c) [d](../e/index.md?f=1) [g](h.pdf) [i](/j.md) [k](https://l.m/n.md) [o](#p) [q](../../r.md)
[s](t/) [u](v.html) ![w](./x%20y.png "z") [日](日本.md) [mail](mailto:a@b.md) ![A](/B.png) [C](D.mdx)
`;
const PLACES = { article: "/posts/{name}", asset: "https://cdn.example/{path}" };

/** All targets of the article `posts/a.md`. */
async function targets(
  links: { article: LinkPlace | null; asset: LinkPlace | null },
  body = BODY,
  changes = {},
): Promise<unknown[]> {
  const { html } = await payloadOf(article("", body), { links, ...changes });
  return [...String(html).matchAll(/(?:href|src|poster|srcset)="([^"]*)"/g)].map(([, target]) => target);
}

const UNTOUCHED = [
  "b.md#c",
  "../e/index.md?f=1",
  "h.pdf",
  "/j.md",
  "https://l.m/n.md",
  "#p",
  "../../r.md",
].concat(["t/", "v.html", "./x%20y.png", "%E6%97%A5%E6%9C%AC.md", "mailto:a@b.md", "/B.png", "D.mdx"]);

for (const markdown of ["commonmark", "gfm"] as const) {
  linking(`follow the templates in ${markdown}`, async () => {
    assert.equal(await targets(PLACES, BODY, { markdown }), [
      ...["/posts/b#c", "/posts/e?f=1", "https://cdn.example/posts/h.pdf", "/j.md", "https://l.m/n.md", "#p"],
      ...["../../r.md", "t/", "v.html", "https://cdn.example/posts/x%20y.png", "/posts/%E6%97%A5%E6%9C%AC"],
      ...["mailto:a@b.md", "/B.png", "/posts/D"],
    ]);
    assert.equal(await targets({ article: null, asset: null }, BODY, { markdown }), UNTOUCHED);
  });

  linking(`of raw HTML do too in ${markdown}`, async () => {
    const body =
      '<a href="b.md">x</a> <img src="c&amp;d.png" width="3"> ![e](f.png)\n\n<picture><source srcset="g.png 1x, /h.png 2x"><video src="i.mp4" poster="https://j.k/l.png"></video></picture>\n';
    assert.equal(await targets(PLACES, body, { markdown }), [
      ...["/posts/b", "https://cdn.example/posts/c%26d.png", "https://cdn.example/posts/f.png"],
      ...[
        "https://cdn.example/posts/g.png 1x, /h.png 2x",
        "https://cdn.example/posts/i.mp4",
        "https://j.k/l.png",
      ],
    ]);
  });
}

linking("follow functions of the path", async () => {
  const links = { article: (path: string) => `/p?${path}&`, asset: null };
  assert.equal((await targets(links)).slice(0, 3), [
    "/p?posts/b.md&amp;#c",
    "/p?e/index.md&amp;?f=1",
    "h.pdf",
  ]);
  // Too long to be rendered at once: a thread does it, and the function runs here.
  const long = await targets(links, `${BODY}${"word ".repeat(20_000)}\n`);
  assert.is(long[0], "/p?posts/b.md&amp;#c");
  const rooms = ["a", "b"].map(() => articleRoom({ links }));
  assert.is.not(rooms[0]?.fingerprint, rooms[1]?.fingerprint, "functions cannot be compared");
  await Promise.all(rooms.map((room) => room.close()));
});

linking("have the folder in the template, and none at the root", async () => {
  const room = articleRoom({ links: { article: "/{dir}/{name}/", asset: null } });
  const { body } = await room.parse(
    "a.md",
    "0",
    { kind: "bytes", bytes: bytesOf(article("", "[a](b.md) [c](d/e.md) [f](g/README.md)\n")) },
    1,
  );
  await room.close();
  const { html } = JSON.parse(new TextDecoder().decode(body ?? undefined));
  assert.match(html, 'href="/b/"');
  assert.match(html, 'href="/d/e/"');
  assert.match(html, 'href="/g/g/"');
});

linking("concern the cover, and leave the body alone", async () => {
  const payload = await payloadOf(article("cover: img/c.png", "![a](b.png)\n"), { links: PLACES });
  assert.is(payload["cover"], "https://cdn.example/posts/img/c.png");
  assert.is(payload["body"], "![a](b.png)\n");
  for (const cover of ["/c.png", "https://a.b/c.png"])
    assert.is((await payloadOf(article(`cover: ${cover}`), { links: PLACES }))["cover"], cover);
});

linking("leave what the hook map sees as the author wrote it", async () => {
  const payload = await payloadOf(article("", "[a](b.md) [c](javascript:d)\n"), {
    links: PLACES,
    markdown: "gfm",
    map: ({ payload: { id }, links }) => ({ id, hrefs: links.map(({ href }) => href) }),
  });
  assert.equal(payload["hrefs"], ["b.md", "javascript:d"]);
});

linking("reject an article whose function fails, or that gets too long by them", async () => {
  const body = "[a](b.md)\n";
  const fails = async (place: LinkPlace, text = body): Promise<string[]> =>
    places(await problemsOf(article("", text), { links: { article: place, asset: null } })).map((place) =>
      place.replace(/@.*/, ""),
    );
  const boom = (): string => {
    throw new Error("boom");
  };
  assert.equal(await fails(boom), ["hook-failed"]);
  assert.equal(await fails((() => 1) as unknown as () => string), ["link-hook-result"]);
  assert.equal(await fails(`/${"x".repeat(2_000)}{name}`, "[a](b.md)".repeat(1_000)), ["html-too-large"]);
});

linking.run();
