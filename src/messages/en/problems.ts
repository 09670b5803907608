/** What can be wrong in an article. `{name}` stands for a parameter of the problem. */

/** What a value turned out to be: the parameter `found`. */
export const KINDS = {
  tables: "tables",
  "strike-through": "strike-through",
  "task lists": "task lists",
  footnotes: "footnotes",
  alerts: "alerts (> [!NOTE])",
  "bare links": "addresses without brackets, meant as links",
  math: "math",
  containers: "containers (:::)",
  templates: "template tags ({% … %}, {{ … }})",
  shortcodes: "shortcodes ({{< … >}})",
  "wiki links": "wiki links ([[…]])",
  components: "components (<Name>)",
  "relative links": "relative links",
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

/** For a file that was an article, and has no readable front matter any more. */
const RETIRE = "What was published stays; delete the file or exclude it to retire the article.";

/** After the hint, where the line as it should be is known. */
export const CORRECTED: string = "Corrected: {fix}";

/** By code: what is wrong in the first line, how to fix it in the second. */
export const PROBLEMS = {
  "missing-blob": `The content of this file is not in the repository's object store
    Clone without --filter, or fetch the missing objects; a partial clone lacks file contents.`,
  "too-large": `The file has {sizeBytes} bytes, more than the allowed {maxBytes}
    Make the file smaller, or raise articles.maxSize.`,
  "not-utf8": `The file is not valid UTF-8 here
    Save the file as UTF-8.`,
  "other-encoding": `The file is {encoding}, not UTF-8
    Save the file as UTF-8; the line marked here is what it says in {encoding}.`,
  "utf-16": `The file is UTF-16, not UTF-8
    Save the file as UTF-8; some editors call UTF-16 "Unicode".`,
  "nul-byte": `The file contains a NUL byte
    Remove the byte; a text file has none. Was something else saved under this name?`,
  "unclosed-front-matter": `The front matter that begins here is never closed
    Add a line with just {fence} after the last key.`,
  "front-matter-not-map": `The front matter is not a list of \`key: value\` lines
    Write one \`key: value\` a line between the --- lines, with a space after the colon.`,
  "front-matter-too-deep": `The front matter is nested more than {depth} levels deep, or contains itself
    Flatten it; look for an alias (*name) inside its own anchor (&name).`,
  "front-matter-too-big": `The front matter stands for too much data once its aliases are followed
    Remove aliases (*name) and merges (<<) that multiply one another.`,
  "front-matter-too-slow": `Reading the front matter took more than {seconds} s
    Simplify it: such a time means extreme nesting or very long runs of spaces.`,
  "yaml-syntax": `The front matter is not valid YAML: {reason}
    Put the value in quotes if it contains characters like : # @ \` [ ] { } * & ! %.`,
  "toml-syntax": `The front matter is not valid TOML: {reason}
    Write \`key = "text"\` lines between the +++ lines, text in quotes, and tables like [params] last.`,
  "json-syntax": `The front matter is not valid JSON: found {found}, expected {expected}
    Put keys and text in double quotes, a comma between two members, and none after the last one.`,
  "yaml-duplicate-key": `The key {key} appears twice
    Keep one of the two lines.`,
  "yaml-colon-in-value": `The value contains a colon and a space, so YAML reads another key
    Put the whole value in quotes.`,
  "yaml-colon-blank": `There is no space after the colon of {key}
    Write \`{key}: value\`.`,
  "yaml-wide-colon": `The colon after {key} is full-width, which is an ordinary letter in YAML
    Write \`{key}: value\` with a half-width colon and a space.`,
  "yaml-wide-blank": `There is a full-width or no-break space here, which is an ordinary letter in YAML
    Replace it by an ordinary space.`,
  "yaml-after-value": `Something follows a value that is complete already
    Put the whole value in quotes, and write a quote inside '...' twice.`,
  "yaml-reserved": `A value cannot begin with {character}
    Put the value in quotes.`,
  "yaml-indentation": `The indentation does not show what belongs together here
    Line up the keys and list items of one level; put a value that contains ": " in quotes.`,
  "yaml-tab": `The line is indented with a tab, which YAML forbids
    Indent with spaces.`,
  "yaml-unclosed-quote": `A quoted value does not end
    Close the quote; inside "..." write \\" for a quote, inside '...' write it twice.`,
  "yaml-unclosed-bracket": `A list in [ ] or a map in { } is not closed, or lacks a comma
    Close it and put commas between its items, or put the value in quotes if it is meant as text.`,
  "yaml-alias": `A value that begins with * is an alias in YAML, and there is no such anchor
    Put the value in quotes.`,
  "yaml-tag": `A value that begins with ! is a tag in YAML, and this one is not known
    Put the value in quotes.`,
  "yaml-colon": `This line is not \`key: value\`
    Add the colon and a space after the key; put text of several lines in quotes or after \`key: |\`.`,
  "yaml-control-character": `There is an invisible control character here
    Delete it; it often comes along when text is copied from elsewhere.`,
  "yaml-escape": `YAML does not know this backslash escape inside "..."
    Write \\\\ for a backslash, or use single quotes.`,
  "yaml-line-break": `There is an unusual line break (U+2028, U+2029 or a lone carriage return) before a fence
    Replace it by an ordinary line break or a space.`,
  "yaml-two-documents": `The front matter contains a second YAML document
    Remove what follows --- on that line.`,
  "missing-key": `{key} is missing
    Add a line \`{key}: ...\` to the front matter.`,
  "missing-key-near": `{key} is missing; there is {near}
    Rename {near} to {key}: names of keys are case-sensitive.`,
  "missing-key-indented": `{key} is missing: the line is indented, so it belongs to what is above it
    Remove the blanks at its beginning.`,
  "key-invisible": `A key has an invisible character in its name, {character}: it is not {key}
    Remove the character, or write the key anew.`,
  "empty-key": `{key} is empty
    Write something after \`{key}:\`.`,
  "not-text": `{key} must be text, but is {found}
    Put the value in quotes if it is meant as text.`,
  "not-date": `{key} must be a date, but is {found}
    Write it like 2020-08-07, 2020/08/07 or 2020-08-07T09:30:00+09:00.`,
  "not-boolean-text": `{key} must be true or false, but is the text "{value}"
    Write \`{key}: true\` or \`{key}: false\`, without quotes; yes, no, on and off are text here.`,
  "not-boolean": `{key} must be true or false, but is {found}
    Write \`{key}: true\` or \`{key}: false\`, without quotes; yes, no, on and off are text here.`,
  "near-draft": `The article is not published: {key} looks like draft
    Write \`draft: true\`; or give {key} another name if it is something else, and the article is published.`,
  "not-public": `The article is not published: {key} is "{value}"
    Write \`draft: true\` if that is meant. Otherwise remove the line, list the keys that count in articles.keys.draft, or let articles.attributes leave it out.`,
  "not-list-text": `{key} must be a list of words, but is the text "{value}"
    Write \`{key}: [{list}]\`, or \`{key}:\` with one \`- item\` a line below it.`,
  "not-list": `{key} must be a list of words, but is {found}
    Write \`{key}: [one, two]\`, or \`{key}:\` with one \`- item\` a line below it.`,
  "not-scalar": `Every item of {key} must be text, but this one is {found}
    Put the item in quotes if it contains : or begins with [ or {.`,
  "bad-date": `{key} is not a date: {value}
    Write it like 2020-08-07, 2020/08/07 or 2020-08-07T09:30:00+09:00.`,
  "no-such-date": `{key} does not exist in the calendar: {value}
    Check month, day, time and time zone.`,
  "missing-external-url": `externalURL is missing, but isExternal is true
    Add \`externalURL: https://...\`, or remove isExternal.`,
  "bad-url": `{key} is not an address of the web: {value}
    Write the whole address, like https://example.com/post, without blanks.`,
  "unsafe-cover": `{key} is no image: {value}
    Write the path or address of an image.`,
  "unsafe-id-dots": `The id "{id}" cannot be used in a URL
    Choose an id that is more than dots.`,
  "unsafe-id-control": `The id contains a control character or line break
    Choose an id of letters, digits, - and _.`,
  "unsafe-id-long": `The id has {sizeBytes} bytes in UTF-8, more than the allowed {maxBytes}
    Choose a shorter id.`,
  "unpaired-surrogate": `{key} contains half a character (an unpaired surrogate)
    Write the character itself, or both halves of its \\u escape.`,
  "hook-failed": `The hook articles.{hook} failed: {message}
    Fix the hook in the config file, or this article so that the hook accepts it.`,
  "hook-late": `The hook articles.{hook} did not finish within {seconds} s
    Make the hook faster, and make sure that every promise it awaits settles.`,
  "hook-result": `The hook articles.{hook} must return an object, but returned {found}
    Return an object from the hook; articles.map may also return null for \`not published\`.`,
  "link-hook-result": `The functions of articles.links must return an address as text, but one returned {found}
    Return text, like the path that the function is given.`,
  "schema-issue": `articles.schema does not accept {key}: {message}
    Change the value so that the schema accepts it, or change the schema.`,
  "schema-refuses": `articles.schema does not accept the front matter: {message}
    Change the front matter so that the schema accepts it, or change the schema.`,
  "map-id": `The payload from articles.map must have an id of text, but it is {found}
    Return the payload with the id of the article: { ...article.payload, id: ... }.`,
  "not-json": `JSON cannot carry {key}: it is {found}
    Let the hook return text, numbers, booleans, lists, plain objects and null only.`,
  "html-too-large": `The rendered HTML is more than {times} times as long as the Markdown
    Do not refer to one long link definition very often.`,
  "outline-too-large": `The texts, links and images of the article come to more than {times} times its length
    Do not put images into the descriptions of other images, or refer to one long link definition very often.`,
  "markdown-too-complex": `The Markdown has more than {count} elements
    Split the article, or remove what was generated into it.`,
  "render-failed": `The Markdown could not be rendered: {message}
    Simplify the part that is nested most deeply.`,
  "render-later": `It takes long, so others go first
    Wait: it is tried next, with more time.`,
  "render-too-slow": `Rendering the Markdown took more than {seconds} s
    Look for very many unclosed brackets, quotes, nested lists, or runs of spaces or backticks.`,
  "examination-failed": `The file could not be parsed: {message}
    This is a bug in sync-agent, or in an object that a hook returned; please report it with the file.`,
  "duplicate-id": `The id "{id}" already belongs to {path}
    Give one of the two another id.`,
  "similar-id": `The id "{id}" differs from "{other}" of {path} only in case or Unicode form
    A store that makes no difference there keeps one article of the two. Give one of them another id.`,
  "no-front-matter": `No front matter: the file does not begin with a line --- and keys below it
    To publish this file, begin it with --- and its keys; otherwise leave it out with articles.exclude.`,
  "glob-unmatched": `articles.{key}: "{glob}" matches no path of this revision
    Globs are relative to the root of the repository, and case-sensitive.`,
  "front-matter-lost": `This file was an article, and its front matter cannot be read any more
    Its last good version stays published. Begin the file with a line --- and its keys again; to retire the article, delete the file or leave it out with articles.exclude.`,
  "toml-front-matter": `The front matter is TOML (+++), which is not read
    Write it as YAML between --- lines.`,
  "lfs-pointer": `The file is a pointer of Git LFS, not the text itself
    Keep articles out of LFS: its content is not in the repository.`,
  symlink: `The path is a symbolic link, and links are never followed
    Put the file itself here.`,
  submodule: `The path is a submodule, and submodules are never entered
    Follow that repository with an agent of its own.`,
  "front-matter-not-first": `This looks like an article whose front matter does not begin on the first line
    Let the first line be just ---, with nothing before it.`,
  "slip-empty": `The file is empty, and was an article before
    Restore its text. ${RETIRE}`,
  "slip-late": `The front matter does not begin on the first line
    Remove what stands before this ---, blank lines too. ${RETIRE}`,
  "slip-indented": `There is a blank before ---
    Remove it: the line is just ---. ${RETIRE}`,
  "slip-invisible": `There is an invisible character ({character}) at the first ---
    Delete the line and type --- again, or save the file as UTF-8 without byte order mark. ${RETIRE}`,
  "slip-dashes": `The front matter begins with {found} and not with ---
    Write three hyphens (---) on this line, no more and no less. ${RETIRE}`,
  "slip-typed": `There is something else beside --- on this line: {found}
    Write just --- on this line. ${RETIRE}`,
  "slip-fence-lost": `The line --- before the front matter is missing
    Write --- as the first line, above the keys. ${RETIRE}`,
  "slip-conflict": `There is a conflict of a merge in the first lines
    Choose one side, and delete the lines with <<<<<<<, ======= and >>>>>>>. ${RETIRE}`,
  "slip-comment": `There is an HTML comment before the front matter
    Move it below the second ---, or write it as a line with # between the two. ${RETIRE}`,
  "slip-line-ends": `The lines end with a carriage return alone, as on old Macs
    Save the file with the line ends of Unix (LF) or Windows (CRLF). ${RETIRE}`,
  "slip-unknown": `The file has no front matter any more, and was an article before
    Let it begin with a line ---, its keys, and another line ---. ${RETIRE}`,
  "description-missing": `description is missing
    Add \`description: ...\`; lists and search results show it.`,
  "date-far-future": `{key} is more than a year ahead: {value}
    Check the year.`,
  "read-on-disk": `The file on disk was read, and Git commits it converted ({attribute} in .gitattributes)
    Check the commit without --worktree: what is published is read from there.`,
  "near-key": `The key {near} is not used. Did you mean {key}?
    Rename {near} to {key} if that is what you mean: names of keys are case-sensitive.`,
  "comment-in-value": `Everything after # is a comment and not part of {key}
    Write \`{line}\` if the # belongs to the value.`,
  "curly-quotes": `Typographic quotes are part of the value of {key}
    Remove them, or write straight ones.`,
  "fence-unclosed": `The code that begins here is never closed, so all below it is code
    Add a line {mark} below the code.`,
  "date-ahead": `{key} is in the future, and the article is published now: {value}
    Set articles.future: "schedule" to have articles wait for their date, or write publishDate: {value}.`,
  "tags-wide-comma": `A full-width comma does not separate tags
    Write \`tags: [{list}]\`.`,
  "key-unused": `{near} is not used, and there are no {key}
    Rename {near} to {key}, or list it: articles.keys.{key}: ["{key}", "{near}"].`,
  "tag-odd": `A tag is as long as a sentence: {value}
    Write short tags, like \`tags: [one, two]\`; description has room for a sentence.`,
  "tags-twice": `A tag is there twice
    Write \`tags: [{list}]\`.`,
  "image-missing": `The image {target} is not in the repository
    Commit the image, or fix its path; upper and lower case differ.`,
  "html-left-out": `HTML that is left out of the page: {names}
    Write it in Markdown. articles.html: "raw" publishes HTML as it is written, scripts too.`,
  "unrendered-gfm": `{count} articles use {found}, which CommonMark does not render: {examples}
    Set articles.markdown: "gfm".`,
  "unrendered-off": `{count} articles use {found}, which are shown as they are written: {examples}
    Set articles.{key}: true.`,
  "unrendered-other": `{count} articles use {found}, which are shown as they are written: {examples}
    Another tool fills them in. Write them in Markdown, or change the payload in articles.map.`,
  "unrendered-links": `{count} articles have relative links or images, which lead nowhere from a published page: {examples}
    Say where they lead: articles.links.`,
  "link-missing": `The link {target} points to a file that is not in the repository
    Fix the path; upper and lower case differ.`,
  "link-unpublished": `The link {target} points to an article that is not published
    Publish that article too, or remove the link.`,
};
