import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decode } from "../../../src/article/decode.ts";

const decoding = suite("decoding a file");

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const join = (...parts: (string | number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? bytes(part) : Uint8Array.from(part))));

decoding("drops a byte order mark", () => {
  assert.equal(decode(bytes("\ufeff---\nid: a\n---\n")), { kind: "text", text: "---\nid: a\n---\n" });
});

decoding("says what begins otherwise, with any bytes", () => {
  assert.equal(decode(bytes("# Title\n")), { kind: "none", why: "no-front-matter" });
  assert.equal(decode(bytes("")), { kind: "none", why: "no-front-matter" });
  assert.equal(decode(bytes("+++\ntitle = 'x'\n+++\n")).kind, "text");
  assert.equal(decode(join("{{ x }}", [0xff])), { kind: "none", why: "no-front-matter" });
  assert.equal(decode(bytes("version https://git-lfs.github.com/spec/v1\noid sha256:0\n")), {
    kind: "none",
    why: "lfs-pointer",
  });
  assert.equal(decode(join([0x89, 0x50, 0x4e, 0x47, 0, 0xff])), { kind: "none", why: "no-front-matter" });
  assert.equal(decode(join("----\n", [0xff])), { kind: "none", why: "no-front-matter" });
});

decoding("finds the first byte that is no UTF-8", () => {
  const latin = join("---\ntitle: caf", [0xe9], "\n---\n");
  assert.equal(decode(latin), {
    kind: "fault",
    code: "not-utf8",
    text: "---\ntitle: caf\ufffd\n---\n",
    offset: 14,
  });
  const cut = decode(join("---\n---\n日本", [0xe8, 0xaa]));
  assert.is(cut.kind === "fault" && cut.offset, 10);
});

decoding("does not mistake a replacement character for a bad byte", () => {
  const decoded = decode(join("---\n---\n\u{1f600}\ufffd\ufffdx", [0xff], "\n"));
  assert.is(decoded.kind === "fault" && decoded.offset, 13);
});

decoding("refuses surrogates and overlong forms", () => {
  assert.is(decode(join("---\n---\n", [0xed, 0xa0, 0x80])).kind, "fault");
  assert.is(decode(join("---\n---\n", [0xc0, 0xaf])).kind, "fault");
});

decoding("recognises UTF-16 that would have been an article", () => {
  const little = Buffer.from("\ufeff---\nid: a\n---\n", "utf16le");
  const big = Buffer.from(little).swap16();
  for (const file of [little, big]) {
    const decoded = decode(file);
    assert.is(decoded.kind === "fault" && decoded.code, "utf-16");
  }
  assert.is(decode(Buffer.from("\ufeffabc", "utf16le")).kind, "none");
});

decoding("finds a NUL byte", () => {
  const decoded = decode(bytes("---\nid: a\n---\nx\0y"));
  assert.equal([decoded.kind, decoded.kind === "fault" && decoded.offset], ["fault", 15]);
});

decoding.run();
