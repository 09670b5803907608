/** What hides the front matter of a file that was an article: each slip with its place and its own fix. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { sentence } from "../../../src/messages/problems.ts";
import { article, parse, places } from "../../support/article.ts";

const slips = suite("slips in the first lines");

async function slipOf(file: string | Uint8Array) {
  const { verdict } = await parse(file);
  if (verdict.kind !== "none" || verdict.slip === undefined) throw new Error(JSON.stringify(verdict));
  return verdict.slip;
}

const GOOD = article();
const BODY = GOOD.slice(4);

function utf16(text: string, little: boolean): Uint8Array {
  const bytes = Buffer.from(text, "utf16le");
  return little ? bytes : bytes.swap16();
}

for (const [what, file, expected] of [
  ["no opening fence", BODY, "slip-fence-lost@1:1+9"],
  ["no opening fence, other keys first", `layout: post\n${BODY}`, "slip-fence-lost@1:1+9"],
  ["a blank line", `\n${GOOD}`, "slip-late@2:1+3"],
  ["blank lines with CRLF", `\r\n\r\n${GOOD.replaceAll("\n", "\r\n")}`, "slip-late@3:1+3"],
  ["a title", `# Hello\n\n${GOOD}`, "slip-late@3:1+3"],
  ["a typed letter on a line of its own", `x\n${GOOD}`, "slip-late@2:1+3"],
  ["a blank", ` ${GOOD}`, "slip-indented@1:1+4"],
  ["a tab", `\t${GOOD}`, "slip-indented@1:1+4"],
  ["one dash", `-\n${BODY}`, "slip-dashes@1:1+1"],
  ["two dashes", `--\n${BODY}`, "slip-dashes@1:1+2"],
  ["four dashes", `----\n${BODY}`, "slip-dashes@1:1+4"],
  ["dashes of a word processor", `—-\n${BODY}`, "slip-dashes@1:1+2"],
  ["one long dash", `—\n${BODY}`, "slip-dashes@1:1+1"],
  ["full-width dashes", `－－－\n${BODY}`, "slip-dashes@1:1+3"],
  ["stars", `***\n${BODY}`, "slip-dashes@1:1+3"],
  ["a letter after it", `---x\n${BODY}`, "slip-typed@1:1+4"],
  ["a letter before it", `x---\n${BODY}`, "slip-typed@1:1+4"],
  ["a merge marker", `<<<<<<< HEAD\n${GOOD}`, "slip-conflict@1:1+12"],
  ["a merge in the fence", `<<<<<<< HEAD\n---\n=======\n----\n>>>>>>> x\n${BODY}`, "slip-conflict@1:1+12"],
  ["a comment", `<!-- draft -->\n${GOOD}`, "slip-comment@1:1+14"],
  ["a zero-width space", `\u200b${GOOD}`, "slip-invisible@1:1+4"],
  ["two byte order marks", `\ufeff\ufeff${GOOD}`, "slip-invisible@1:1+4"],
  ["a full-width blank", `\u3000${GOOD}`, "slip-invisible@1:1+4"],
  ["a soft hyphen inside", GOOD.replace("---", "-\u00ad--"), "slip-invisible@1:1+4"],
  ["lines of old Macs", GOOD.replaceAll("\n", "\r"), "slip-line-ends@1:4+1"],
  ["UTF-16 without mark", utf16(GOOD, true), "utf-16@1:1+1"],
  ["the other UTF-16", utf16(GOOD, false), "utf-16@1:1+1"],
  ["nothing", "", "slip-empty@1:1+1"],
  ["blanks", " \n\ufeff\n", "slip-empty@1:1+1"],
  ["text", "Just text.\n", "slip-unknown@1:1+1"],
  [
    "a pointer of LFS",
    "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
    "lfs-pointer@1:1+1",
  ],
] as const) {
  slips(`finds ${what}`, async () => {
    const slip = await slipOf(file);
    assert.equal(places([slip]), [expected]);
    assert.is(slip.severity, "error");
  });
}

slips("have a fix of their own, and say how the article is retired, in both languages", async () => {
  const codes = [
    "late",
    "indented",
    "invisible",
    "dashes",
    "typed",
    "fence-lost",
    "conflict",
    "comment",
    "empty",
    "unknown",
  ];
  const said = { en: new Set<string>(), ja: new Set<string>() };
  for (const code of [...codes, "line-ends"].map((name) => `slip-${name}`)) {
    const en = sentence(code, {}, "en").hint;
    assert.match(en, /delete the file or exclude it to retire the article\.$/);
    said.en.add(en);
    said.ja.add(sentence(code, {}, "ja").hint);
  }
  assert.equal([said.en.size, said.ja.size], [11, 11]);
});

slips.run();
