import type { Kind, Sentence } from "../problems.ts";

/** What a value turned out to be, as English names it. */
export const KINDS_EN: Record<Kind, string> = {
  text: "text",
  number: "a number",
  boolean: "true or false",
  date: "a date",
  list: "a list",
  map: "a map",
  null: "nothing",
  function: "a function",
  bigint: "a BigInt",
  symbol: "a symbol",
  undefined: "undefined",
  "not-finite": "a number that is not finite",
  "invalid-date": "an invalid date",
  cycle: "a value that contains itself",
  promise: "a promise (is an `await` missing?)",
  object: "an object that is not plain data",
};

/** The English catalogue: `{name}` stands for a parameter of the problem. */
export const SENTENCES_EN = {
  "missing-blob": {
    message: "The content of this file is not in the repository's object store",
    hint: "Clone without --filter, or fetch the missing objects; a partial clone lacks file contents.",
  },
  "too-large": {
    message: "The file has {sizeBytes} bytes, more than the allowed {maxBytes}",
    hint: "Make the file smaller, or raise articles.maxSize.",
  },
  "not-utf8": {
    message: "The file is not valid UTF-8 here",
    hint: "Save the file as UTF-8.",
  },
  "utf-16": {
    message: "The file is UTF-16, not UTF-8",
    hint: 'Save the file as UTF-8; some editors call UTF-16 "Unicode".',
  },
  "nul-byte": {
    message: "The file contains a NUL byte",
    hint: "Remove the byte; a text file has none. Was something else saved under this name?",
  },
  "unclosed-front-matter": {
    message: "The front matter that begins here is never closed",
    hint: "Add a line with just --- after the last key.",
  },
  "front-matter-not-map": {
    message: "The front matter is not a list of `key: value` lines",
    hint: "Write one `key: value` a line between the --- lines, with a blank after the colon.",
  },
  "front-matter-too-deep": {
    message: "The front matter is nested more than {depth} levels deep, or contains itself",
    hint: "Flatten it; look for an alias (*name) inside its own anchor (&name).",
  },
  "front-matter-too-big": {
    message: "The front matter stands for too much data once its aliases are followed",
    hint: "Remove aliases (*name) and merges (<<) that multiply one another.",
  },
  "front-matter-too-slow": {
    message: "Reading the front matter took more than {seconds} s",
    hint: "Simplify it: such a time means extreme nesting or very long runs of blanks.",
  },
  "yaml-syntax": {
    message: "The front matter is not valid YAML: {reason}",
    hint: "Put the value in quotes if it contains characters like : # @ ` [ ] { } * & ! %.",
  },
  "yaml-duplicate-key": {
    message: "The key {key} appears twice",
    hint: "Keep one of the two lines.",
  },
  "yaml-colon-in-value": {
    message: "The value contains a colon and a blank, which makes it another key to YAML",
    hint: "Put the whole value in quotes.",
  },
  "yaml-colon-blank": {
    message: "There is no blank after the colon of {key}",
    hint: "Write `{key}: value`.",
  },
  "yaml-wide-colon": {
    message: "The colon after {key} is a full-width one, which is a letter like any other to YAML",
    hint: "Write `{key}: value` with a half-width colon and a blank.",
  },
  "yaml-wide-blank": {
    message: "There is a full-width or no-break blank here, which is a letter like any other to YAML",
    hint: "Replace it by an ordinary blank.",
  },
  "yaml-after-value": {
    message: "Something follows a value that is complete already",
    hint: "Put the whole value in quotes, and write a quote inside '...' twice.",
  },
  "yaml-reserved": {
    message: "A value cannot begin with {character}",
    hint: "Put the value in quotes.",
  },
  "yaml-indentation": {
    message: "The indentation does not tell what belongs together here",
    hint: 'Line up the keys and list items of one level; put a value that contains ": " in quotes.',
  },
  "yaml-tab": {
    message: "The line is indented with a tab, which YAML forbids",
    hint: "Indent with blanks.",
  },
  "yaml-unclosed-quote": {
    message: "A quoted value does not end",
    hint: 'Close the quote; inside "..." write \\" for a quote, inside \'...\' write it twice.',
  },
  "yaml-unclosed-bracket": {
    message: "A list in [ ] or a map in { } is not closed, or lacks a comma",
    hint: "Close it and put commas between its items, or put the value in quotes if it is meant as text.",
  },
  "yaml-alias": {
    message: "A value that begins with * is an alias in YAML, and there is no such anchor",
    hint: "Put the value in quotes.",
  },
  "yaml-tag": {
    message: "A value that begins with ! is a tag in YAML, and this one is not known",
    hint: "Put the value in quotes.",
  },
  "yaml-colon": {
    message: "This line is no `key: value`",
    hint: "Add the colon and a blank after the key; put text of several lines in quotes or after `key: |`.",
  },
  "yaml-control-character": {
    message: "There is an invisible control character here",
    hint: "Delete it; it often comes along when text is copied from elsewhere.",
  },
  "yaml-escape": {
    message: 'YAML does not know this backslash escape inside "..."',
    hint: "Write \\\\ for a backslash, or use single quotes.",
  },
  "yaml-line-break": {
    message: "There is an unusual line break (U+2028, U+2029 or a lone carriage return) before a fence",
    hint: "Replace it by an ordinary line break or a blank.",
  },
  "yaml-two-documents": {
    message: "The front matter contains a second YAML document",
    hint: "Remove what follows --- on that line.",
  },
  "missing-key": {
    message: "{key} is missing",
    hint: "Add a line `{key}: ...` to the front matter.",
  },
  "missing-key-near": {
    message: "{key} is missing; there is {near}",
    hint: "Rename {near} to {key}: names of keys are case-sensitive.",
  },
  "empty-key": {
    message: "{key} is empty",
    hint: "Write something after `{key}:`.",
  },
  "not-text": {
    message: "{key} must be text, but is {found}",
    hint: "Put the value in quotes if it is meant as text.",
  },
  "not-date": {
    message: "{key} must be a date, but is {found}",
    hint: "Write it like 2020-08-07, 2020/08/07 or 2020-08-07T09:30:00+09:00.",
  },
  "not-boolean-text": {
    message: '{key} must be true or false, but is the text "{value}"',
    hint: "Write `{key}: true` or `{key}: false`, without quotes; yes, no, on and off are text here.",
  },
  "not-boolean": {
    message: "{key} must be true or false, but is {found}",
    hint: "Write `{key}: true` or `{key}: false`, without quotes; yes, no, on and off are text here.",
  },
  "not-list-text": {
    message: '{key} must be a list of words, but is the text "{value}"',
    hint: "Write `{key}: [{list}]`, or `{key}:` with one `- item` a line below it.",
  },
  "not-list": {
    message: "{key} must be a list of words, but is {found}",
    hint: "Write `{key}: [one, two]`, or `{key}:` with one `- item` a line below it.",
  },
  "not-scalar": {
    message: "Every item of {key} must be text, but this one is {found}",
    hint: "Put the item in quotes if it contains : or begins with [ or {.",
  },
  "bad-date": {
    message: "{key} is not a date: {value}",
    hint: "Write it like 2020-08-07, 2020/08/07 or 2020-08-07T09:30:00+09:00.",
  },
  "no-such-date": {
    message: "{key} does not exist in the calendar: {value}",
    hint: "Check month, day, time and zone.",
  },
  "missing-external-url": {
    message: "externalURL is missing, but isExternal is true",
    hint: "Add `externalURL: https://...`, or remove isExternal.",
  },
  "unsafe-id-dots": {
    message: 'The id "{id}" cannot be used in an URL',
    hint: "Choose an id that is more than dots.",
  },
  "unsafe-id-control": {
    message: "The id contains a control character or line break",
    hint: "Choose an id of letters, digits, - and _.",
  },
  "unsafe-id-long": {
    message: "The id has {sizeBytes} bytes in UTF-8, more than the allowed {maxBytes}",
    hint: "Choose a shorter id.",
  },
  "unpaired-surrogate": {
    message: "{key} contains half a character (an unpaired surrogate)",
    hint: "Write the character itself, or both halves of its \\u escape.",
  },
  "hook-failed": {
    message: "The hook articles.{hook} failed: {message}",
    hint: "Mend the hook in the config file, or this article so that the hook accepts it.",
  },
  "hook-late": {
    message: "The hook articles.{hook} did not finish within {seconds} s",
    hint: "Make the hook faster, and let it settle whatever it awaits.",
  },
  "hook-result": {
    message: "The hook articles.{hook} must return an object, but returned {found}",
    hint: "Return an object from the hook; articles.map may also return null for `not published`.",
  },
  "schema-issue": {
    message: "articles.schema does not accept {key}: {message}",
    hint: "Change the value so that the schema accepts it, or change the schema.",
  },
  "schema-refuses": {
    message: "articles.schema does not accept the front matter: {message}",
    hint: "Change the front matter so that the schema accepts it, or change the schema.",
  },
  "map-id": {
    message: "The payload from articles.map must have an id of text, but it is {found}",
    hint: "Return the payload with the id of the article: { ...article.payload, id: ... }.",
  },
  "not-json": {
    message: "JSON cannot carry {key}: it is {found}",
    hint: "Let the hook return text, numbers, booleans, lists, plain objects and null only.",
  },
  "html-too-large": {
    message: "The rendered HTML is more than {times} times as long as the Markdown",
    hint: "Do not refer to one long link definition very often.",
  },
  "markdown-too-complex": {
    message: "The Markdown has more than {count} elements",
    hint: "Split the article, or remove what was generated into it.",
  },
  "render-failed": {
    message: "The Markdown could not be rendered: {message}",
    hint: "Simplify the part that is nested most deeply.",
  },
  "render-too-slow": {
    message: "Rendering the Markdown took more than {seconds} s",
    hint: "Look for very many unclosed brackets, quotes, nested lists, or runs of blanks or backticks.",
  },
  "examination-failed": {
    message: "The file could not be examined: {message}",
    hint: "This is a fault of sync-agent, or of an object that a hook returned; please report it with the file.",
  },
  "duplicate-id": {
    message: 'The id "{id}" belongs to {path} already',
    hint: "Give one of the two another id.",
  },
  "no-front-matter": {
    message: "No front matter: the file does not begin with a line --- and keys below it",
    hint: "To publish this file, begin it with --- and its keys; else leave it out with articles.exclude.",
  },
  "toml-front-matter": {
    message: "The front matter is TOML (+++), which is not read",
    hint: "Write it as YAML between --- lines.",
  },
  "lfs-pointer": {
    message: "The file is a pointer of Git LFS, not the text itself",
    hint: "Keep articles out of LFS: its content is not in the repository.",
  },
  symlink: {
    message: "The path is a symbolic link, and links are never followed",
    hint: "Put the file itself here.",
  },
  submodule: {
    message: "The path is a submodule, and submodules are never entered",
    hint: "Follow that repository with an agent of its own.",
  },
  "front-matter-not-first": {
    message: "This looks like an article whose front matter does not begin on the first line",
    hint: "Let the first line be just ---, with nothing before it.",
  },
  "description-missing": {
    message: "description is missing",
    hint: "Add `description: ...`; lists and search results show it.",
  },
  "date-far-future": {
    message: "{key} is more than a year ahead: {value}",
    hint: "Check the year.",
  },
  "near-key": {
    message: "The key {near} means nothing here; {key} does",
    hint: "Rename {near} to {key} if that is what it is: names of keys are case-sensitive.",
  },
  "comment-in-value": {
    message: "Everything after # is a comment and not part of {key}",
    hint: "Put the value in quotes if the # belongs to it.",
  },
  "image-missing": {
    message: "The image {target} is not in the repository",
    hint: "Commit the image, or mend its path; upper and lower case differ.",
  },
  "link-missing": {
    message: "The link {target} leads to no file of the repository",
    hint: "Mend the path; upper and lower case differ.",
  },
  "link-unpublished": {
    message: "The link {target} leads to an article that is not published",
    hint: "Publish that article too, or remove the link.",
  },
} satisfies Record<string, Sentence>;
