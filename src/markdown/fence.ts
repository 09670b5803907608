/** What stands behind the opening of a code fence: a language, and perhaps the name of a file. */

export interface FenceInfo {
  /** Empty where there is none. */
  readonly language: string;
  /** Name of the file that the code is from; empty where there is none. */
  readonly title: string;
}

const LANGUAGE = /^(?:\{\.?|\.)?([^\s:{},]*)/;
const TITLE_ATTRIBUTE = /(?:^|[\s{,])(?:title|file|filename|name)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"',}]+))/;
/** VitePress writes an option where others have a file name. */
const OPTION = /^(?:no-)?line-numbers(?:=\d+)?$/;
const INFO_MAX = 1_000;

/** HTML of a block of code. */
export function codeBlock(code: string, info: string, escapeHtml: (text: string) => string): string {
  const { language, title } = readFenceInfo(info);
  const name = language.startsWith("language-") ? language : `language-${language}`;
  const classAttribute = language === "" ? "" : ` class="${escapeHtml(name)}"`;
  const titleAttribute = title === "" ? "" : ` data-title="${escapeHtml(title)}"`;
  return `<pre><code${classAttribute}${titleAttribute}>${escapeHtml(code)}</code></pre>`;
}

/**
 * The first word, without what tools append to it: `js:file.js`, `ts{1,3}`, `{.python}`, `diff js:file.js`.
 *
 * @param info Entities and escapes resolved.
 */
export function readFenceInfo(info: string): FenceInfo {
  const text = info.slice(0, INFO_MAX).trim();
  const [head = "", language = ""] = LANGUAGE.exec(text) ?? [];
  const rest = text.slice(head.length);
  const named = TITLE_ATTRIBUTE.exec(rest);
  if (named !== null) return { language, title: named[1] ?? named[2] ?? named[3] ?? "" };
  // `diff js:file.js` is a difference, in a file of that name.
  const after = (language === "diff" ? /^(?:\s+[^\s:{},]*)?:(\S+)/ : /^:(\S+)/).exec(rest)?.[1] ?? "";
  const title = /^[^{]*/.exec(after)?.[0] ?? "";
  return { language, title: OPTION.test(title) ? "" : title };
}
