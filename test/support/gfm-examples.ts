/**
 * The examples of the extensions in the GitHub Flavored Markdown Spec, version 0.29-gfm: Markdown and HTML.
 *
 * @see https://github.github.com/gfm/ (CC BY-SA 4.0)
 */

const link = (words: string, href = words): string => `<a href="${href}">${words}</a>`;
const paragraphs = (...all: string[]): string => all.map((one) => `<p>${one}</p>\n`).join("");
const row = (tag: string, cells: string[]): string =>
  `<tr>\n${cells.map((cell) => (cell.startsWith("<") ? cell : `<${tag}>${cell}</${tag}>`)).join("\n")}\n</tr>\n`;
const table = (head: string[], ...rows: string[][]): string => {
  const body =
    rows.length === 0 ? "" : `<tbody>\n${rows.map((cells) => row("td", cells)).join("")}</tbody>\n`;
  return `<table>\n<thead>\n${row("th", head)}</thead>\n${body}</table>\n`;
};
const MARKUP = "www.google.com/search?q=Markup+(business)";

export const TABLES: readonly (readonly [markdown: string, html: string])[] = [
  ["| foo | bar |\n| --- | --- |\n| baz | bim |\n", table(["foo", "bar"], ["baz", "bim"])],
  [
    "| abc | defghi |\n:-: | -----------:\nbar | baz\n",
    table(
      ['<th align="center">abc</th>', '<th align="right">defghi</th>'],
      ['<td align="center">bar</td>', '<td align="right">baz</td>'],
    ),
  ],
  [
    "| f\\|oo  |\n| ------ |\n| b `\\|` az |\n| b **\\|** im |\n",
    table(["f|oo"], ["b <code>|</code> az"], ["b <strong>|</strong> im"]),
  ],
  [
    "| abc | def |\n| --- | --- |\n| bar | baz |\n> bar\n",
    `${table(["abc", "def"], ["bar", "baz"])}<blockquote>\n<p>bar</p>\n</blockquote>\n`,
  ],
  [
    "| abc | def |\n| --- | --- |\n| bar | baz |\nbar\n\nbar\n",
    `${table(["abc", "def"], ["bar", "baz"], ["bar", ""])}<p>bar</p>\n`,
  ],
  ["| abc | def |\n| --- |\n| bar |\n", "<p>| abc | def |\n| --- |\n| bar |</p>\n"],
  [
    "| abc | def |\n| --- | --- |\n| bar |\n| bar | baz | boo |\n",
    table(["abc", "def"], ["bar", ""], ["bar", "baz"]),
  ],
  ["| abc | def |\n| --- | --- |\n", table(["abc", "def"])],
];

export const STRIKETHROUGH: typeof TABLES = [
  ["~~Hi~~ Hello, ~there~ world!\n", "<p><del>Hi</del> Hello, <del>there</del> world!</p>\n"],
  ["This ~~has a\n\nnew paragraph~~.\n", "<p>This ~~has a</p>\n<p>new paragraph~~.</p>\n"],
  ["This will ~~~not~~~ strike.\n", "<p>This will ~~~not~~~ strike.</p>\n"],
];

const www = (words: string): string => link(words, `http://${words}`);
const mail = (words: string): string => link(words, `mailto:${words}`);

export const AUTOLINKS: typeof TABLES = [
  ["www.commonmark.org\n", paragraphs(www("www.commonmark.org"))],
  [
    "Visit www.commonmark.org/help for more information.\n",
    paragraphs(`Visit ${www("www.commonmark.org/help")} for more information.`),
  ],
  [
    "Visit www.commonmark.org.\n\nVisit www.commonmark.org/a.b.\n",
    paragraphs(`Visit ${www("www.commonmark.org")}.`, `Visit ${www("www.commonmark.org/a.b")}.`),
  ],
  [
    `${MARKUP}\n\n${MARKUP}))\n\n(${MARKUP})\n\n(${MARKUP}\n`,
    paragraphs(www(MARKUP), `${www(MARKUP)}))`, `(${www(MARKUP)})`, `(${www(MARKUP)}`),
  ],
  ["www.google.com/search?q=(business))+ok\n", paragraphs(www("www.google.com/search?q=(business))+ok"))],
  [
    "www.google.com/search?q=commonmark&hl=en\n\nwww.google.com/search?q=commonmark&hl;\n",
    '<p><a href="http://www.google.com/search?q=commonmark&amp;hl=en">www.google.com/search?q=commonmark&amp;hl=en</a></p>\n<p><a href="http://www.google.com/search?q=commonmark">www.google.com/search?q=commonmark</a>&amp;hl;</p>\n',
  ],
  ["www.commonmark.org/he<lp\n", paragraphs(`${www("www.commonmark.org/he")}&lt;lp`)],
  [
    "http://commonmark.org\n\n(Visit https://encrypted.google.com/search?q=Markup+(business))\n",
    paragraphs(
      link("http://commonmark.org"),
      `(Visit ${link("https://encrypted.google.com/search?q=Markup+(business)")})`,
    ),
  ],
  ["foo@bar.baz\n", paragraphs(mail("foo@bar.baz"))],
  [
    "hello@mail+xyz.example isn't valid, but hello+xyz@mail.example is.\n",
    paragraphs(`hello@mail+xyz.example isn't valid, but ${mail("hello+xyz@mail.example")} is.`),
  ],
  [
    "a.b-c_d@a.b\n\na.b-c_d@a.b.\n\na.b-c_d@a.b-\n\na.b-c_d@a.b_\n",
    paragraphs(mail("a.b-c_d@a.b"), `${mail("a.b-c_d@a.b")}.`, "a.b-c_d@a.b-", "a.b-c_d@a.b_"),
  ],
  [
    "mailto:foo@bar.baz\n\nmailto:a.b-c_d@a.b\n\nmailto:a.b-c_d@a.b.\n\nmailto:a.b-c_d@a.b/\n\nmailto:a.b-c_d@a.b-\n\nmailto:a.b-c_d@a.b_\n\nxmpp:foo@bar.baz\n\nxmpp:foo@bar.baz.\n",
    paragraphs(
      link("mailto:foo@bar.baz"),
      link("mailto:a.b-c_d@a.b"),
      `${link("mailto:a.b-c_d@a.b")}.`,
      `${link("mailto:a.b-c_d@a.b")}/`,
      "mailto:a.b-c_d@a.b-",
      "mailto:a.b-c_d@a.b_",
      link("xmpp:foo@bar.baz"),
      `${link("xmpp:foo@bar.baz")}.`,
    ),
  ],
  [
    "xmpp:foo@bar.baz/txt\n\nxmpp:foo@bar.baz/txt@bin\n\nxmpp:foo@bar.baz/txt@bin.com\n",
    paragraphs(
      link("xmpp:foo@bar.baz/txt"),
      link("xmpp:foo@bar.baz/txt@bin"),
      link("xmpp:foo@bar.baz/txt@bin.com"),
    ),
  ],
  ["xmpp:foo@bar.baz/txt/bin\n", paragraphs(`${link("xmpp:foo@bar.baz/txt")}/bin`)],
];

const box = (isDone: boolean): string => `<input ${isDone ? 'checked="" ' : ""}disabled="" type="checkbox">`;

/** The specification leaves out the classes that github.com adds. */
export const TASKS: typeof TABLES = [
  ["- [ ] foo\n- [x] bar\n", `<ul>\n<li>${box(false)} foo</li>\n<li>${box(true)} bar</li>\n</ul>\n`],
  [
    "- [x] foo\n  - [ ] bar\n  - [x] baz\n- [ ] bim\n",
    `<ul>\n<li>${box(true)} foo\n<ul>\n<li>${box(false)} bar</li>\n<li>${box(true)} baz</li>\n</ul>\n</li>\n<li>${box(false)} bim</li>\n</ul>\n`,
  ],
];
