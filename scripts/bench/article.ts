/** Articles for measurements: Markdown as people write it, the same text for the same number and edition. */

const WORDS =
  "river stone evening harbour letter window garden signal copper winter branch paper engine valley market lantern bridge summer thread shadow".split(
    " ",
  );

/** Paragraphs of all kinds of Markdown; articles are put together from them, which is cheap for a million. */
function blocks(count: number): string[] {
  let seed = 1;
  const word = (): string => {
    seed = (seed * 48_271) % 2_147_483_647;
    return WORDS[seed % WORDS.length] ?? "";
  };
  const sentence = (): string => `${Array.from({ length: 12 }, word).join(" ")}.`;
  return Array.from({ length: count }, (_, index) => {
    switch (index % 6) {
      case 0:
        return `## ${word()} ${word()}\n\n${sentence()} **${word()}** ${sentence()}\n`;
      case 1:
        return `- ${sentence()}\n- [${word()}](https://example.org/${word()}) ${sentence()}\n- ${word()}\n`;
      case 2:
        return `\`\`\`js\nconst ${word()} = "${word()}";\nexport default ${word()};\n\`\`\`\n`;
      case 3:
        return `> ${sentence()}\n\n![${word()}](/images/${word()}.png)\n`;
      default:
        return `${sentence()} *${word()}* ${sentence()} \`${word()}\` ${sentence()}\n`;
    }
  });
}

const BLOCKS = blocks(240);

/**
 * The text of one article.
 *
 * @param number Which one; its id is `article-<number>`.
 * @param edition Changes the text, not the id.
 * @param sizeBytes About how long it is.
 */
export function article(number: number, edition: number, sizeBytes: number): string {
  const parts = [
    `---\nid: article-${number}\ntitle: "Article ${number}, edition ${edition}"\ndate: 2024-03-${String((number % 28) + 1).padStart(2, "0")}\ndescription: What is written in article ${number}\ntags:\n  - bench\n  - tag-${number % 17}\n---\n\n# Article ${number}\n\nEdition ${edition}.\n\n`,
  ];
  let length = parts[0]?.length ?? 0;
  for (let at = number * 7; length < sizeBytes; at++) {
    const block = BLOCKS[at % BLOCKS.length] ?? "";
    parts.push(block, "\n");
    length += block.length + 1;
  }
  return parts.join("");
}
