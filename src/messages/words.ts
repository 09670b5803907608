/** All that people read, by language. To add a language: a folder like `en/`, a line here, one in `Lang`. */
import { COMMANDS as COMMANDS_EN } from "./en/commands.ts";
import { HELP as HELP_EN } from "./en/help.ts";
import { CORRECTED as CORRECTED_EN, KINDS as KINDS_EN, PROBLEMS as PROBLEMS_EN } from "./en/problems.ts";
import { REFERENCE_PAGE as REFERENCE_PAGE_EN } from "./en/reference-page.ts";
import { STATUS_PAGE as STATUS_PAGE_EN } from "./en/status-page.ts";
import { USAGE as USAGE_EN } from "./en/usage.ts";
import { COMMANDS as COMMANDS_JA } from "./ja/commands.ts";
import { HELP as HELP_JA } from "./ja/help.ts";
import { CORRECTED as CORRECTED_JA, KINDS as KINDS_JA, PROBLEMS as PROBLEMS_JA } from "./ja/problems.ts";
import { REFERENCE_PAGE as REFERENCE_PAGE_JA } from "./ja/reference-page.ts";
import { STATUS_PAGE as STATUS_PAGE_JA } from "./ja/status-page.ts";
import { USAGE as USAGE_JA } from "./ja/usage.ts";
import type { Lang } from "./language.ts";

const EN = {
  help: HELP_EN,
  usage: USAGE_EN,
  commands: COMMANDS_EN,
  problems: PROBLEMS_EN,
  kinds: KINDS_EN,
  corrected: CORRECTED_EN,
  statusPage: STATUS_PAGE_EN,
  referencePage: REFERENCE_PAGE_EN,
};

const JA: typeof EN = {
  help: HELP_JA,
  usage: USAGE_JA,
  commands: COMMANDS_JA,
  problems: PROBLEMS_JA,
  kinds: KINDS_JA,
  corrected: CORRECTED_JA,
  statusPage: STATUS_PAGE_JA,
  referencePage: REFERENCE_PAGE_JA,
};

/** A language's words; the compiler checks that each language has all of them. */
export type Words = typeof EN;
export type { FileOutcome } from "./en/commands.ts";
export type UsageWords = Words["usage"];
export type CommandWords = Words["commands"];
export type StatusPageWords = Words["statusPage"];

export const WORDS: Readonly<Record<Lang, Words>> = { en: EN, ja: JA };

/** A part of a sentence about a command line or a configuration, in the language that it is given. */
export type Phrase = (words: UsageWords) => string;
