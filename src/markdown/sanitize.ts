/**
 * HTML without anything that could act: GitHub's list of what may stay, applied to the events of htmlparser2,
 * a parser that goes through the text once. What is not on the list is left out; its text stays, but for that
 * of scripts, styles, frames and the like. All that is opened is closed.
 *
 * @see https://github.com/gjtorikian/html-pipeline
 */
import { Parser } from "htmlparser2";
import type { Budget } from "./renderer.ts";
import { escapeHtml, isSafeUrl, markTarget } from "./url.ts";

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

const ELEMENTS = words(`
  a abbr aside audio b bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption
  figure h1 h2 h3 h4 h5 h6 hr i img input ins kbd li mark ol p picture pre q rp rt ruby s samp section small source
  span strike strong sub summary sup table tbody td tfoot th thead time tr tt ul var video wbr`);
/** Elements that have no end. */
const VOID = words("br col hr img input source wbr");
/** Elements that go with all that is in them. */
const WITH_CONTENTS = words(`
  iframe math noembed noframes plaintext script style svg template textarea title xmp`);
/** Attributes that any element may have; `class` only as this program writes it. */
const ATTRIBUTES = words(`
  abbr align alt aria-describedby aria-hidden aria-label axis border cellpadding cellspacing char charoff checked
  cite class clear color cols colspan compact coords data-title datetime dir disabled headers height hreflang
  hspace id ismap itemprop itemscope itemtype label lang longdesc media noshade nowrap open rel rev role rowspan
  rules scope shape size sizes span start summary tabindex title type usemap valign value vspace width`);
const OWN_ATTRIBUTES: Readonly<Record<string, ReadonlySet<string>>> = {
  a: words("href name"),
  audio: words("controls loop muted preload src"),
  img: words("loading src srcset"),
  source: words("src srcset"),
  video: words("controls loop muted playsinline poster preload src"),
};
const CLASSES =
  /^(?:language-\S+|footnotes?(?:-\w+)?|contains-task-list|task-list-item(?:-checkbox)?|markdown-alert(?:-\w+)?|math|display|title|message|note|tip|info|warn|warning|danger|caution|alert|important)$/;
/** Attributes that lead somewhere, and how. */
const ADDRESSES: Readonly<Record<string, "link" | "media">> = {
  href: "link",
  cite: "link",
  longdesc: "link",
  src: "media",
  poster: "media",
};
/** Elements nested deeper lose their tags: what reads the HTML next may be less careful with them. */
const DEPTH_MAX = 256;
/** So much is parsed between two looks at the clock, UTF-16 code units. */
const SLICE = 1_024;

type Attributes = Readonly<Record<string, string>>;

/**
 * Leaves out of HTML what is not allowed.
 *
 * @param targets Whether relative links and sources are to be marked; those that are stay so.
 * @throws {OutOfTime | TooLarge}
 */
export function sanitize(html: string, targets: boolean, budget: Budget): string {
  let out = "";
  /** For each open element, whether its tags are written. */
  const open: boolean[] = [];
  let skipping = 0;
  const parser = new Parser({
    onopentag(name, attributes) {
      budget.element();
      if (WITH_CONTENTS.has(name)) skipping++;
      const isWritten = skipping === 0 && open.length < DEPTH_MAX && isAllowed(name, attributes);
      if (isWritten)
        out += `<${name}${attributesOf(name, attributes, targets)}${VOID.has(name) ? " />" : ">"}`;
      open.push(isWritten);
    },
    onclosetag(name) {
      if (open.pop() && !VOID.has(name)) out += `</${name}>`;
      if (WITH_CONTENTS.has(name)) skipping--;
    },
    ontext(text) {
      if (skipping === 0) out += escapeHtml(text);
    },
  });
  for (let at = 0; at < html.length; at += SLICE) {
    parser.write(html.slice(at, at + SLICE));
    // An end tag is looked for in all that is open.
    budget.step(SLICE + open.length);
    budget.html(out.length);
  }
  parser.end();
  budget.html(out.length);
  return out;
}

/** Below so many open elements nothing is looked for any more. */
const OPEN_MAX = 1_000;

/** What would be left out of HTML, each once: `<script>`, `style`. */
export interface LeftOut {
  readonly name: string;
  /** Of its element in the HTML, UTF-16 code units. */
  readonly offset: number;
}

/** What would be left out of HTML, in the order of the text. What is no HTML at all is not mentioned. */
export function leftOut(html: string): readonly LeftOut[] {
  const found = new Map<string, number>();
  const note = (name: string): void => {
    if (!found.has(name)) found.set(name, parser.startIndex);
  };
  let open = 0;
  const parser = new Parser({
    onclosetag() {
      open--;
    },
    onopentag(name, attributes) {
      open++;
      // An address or a type parameter in angle brackets is no element.
      if (!/^[a-z][a-z0-9-]*$/.test(name)) return;
      if (!isAllowed(name, attributes)) note(`<${name}>`);
      else
        for (const [key, value] of Object.entries(attributes))
          if (key !== "class" && attributeOf(name, key, value) === null) note(key);
    },
  });
  // Each tag makes the parser look at all that is open.
  for (let at = 0; at < html.length && open <= OPEN_MAX; at += SLICE)
    parser.write(html.slice(at, at + SLICE));
  parser.end();
  return [...found].map(([name, offset]) => ({ name, offset }));
}

function isAllowed(name: string, attributes: Attributes): boolean {
  return ELEMENTS.has(name) && (name !== "input" || attributes["type"]?.toLowerCase() === "checkbox");
}

function attributesOf(name: string, attributes: Attributes, targets: boolean): string {
  let text = "";
  for (const [key, value] of Object.entries(attributes)) {
    const kept = attributeOf(name, key, value);
    if (kept !== null) text += ` ${key}="${escapeHtml(targets ? marked(key, kept) : kept)}"`;
  }
  return name === "input" && attributes["disabled"] === undefined ? `${text} disabled=""` : text;
}

/** The value of an attribute as it may stay; null if it has to go. */
function attributeOf(element: string, name: string, value: string): string | null {
  const own = OWN_ATTRIBUTES[element];
  if (!ATTRIBUTES.has(name) && own?.has(name) !== true) return null;
  if (name === "class")
    return (
      value
        .split(/\s+/)
        .filter((one) => CLASSES.test(one))
        .join(" ") || null
    );
  if (name === "srcset") return candidates(value).every((url) => isSafeUrl(url, "media")) ? value : null;
  const use = Object.hasOwn(ADDRESSES, name) ? ADDRESSES[name] : undefined;
  return use === undefined || isSafeUrl(value, use) ? value : null;
}

function marked(name: string, value: string): string {
  if (name === "href") return markTarget(value, "link");
  if (name === "src" || name === "poster") return markTarget(value, "media");
  if (name !== "srcset") return value;
  return value
    .split(",")
    .map((one) => one.trim().replace(/^\S+/, (url) => markTarget(url, "media")))
    .join(", ");
}

/** The addresses in a `srcset`. */
function candidates(value: string): string[] {
  return value.split(",").map((candidate) => candidate.trim().split(/\s/)[0] ?? "");
}
