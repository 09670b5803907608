/**
 * Kinds of values that keys of the configuration take. Each is a valibot schema whose issues say what is
 * allowed; what was found is added where the message is written.
 */
import * as v from "valibot";
import { nearest } from "../messages/nearest.ts";
import { durationMsMax, formatDuration, parseDuration, parseSize } from "./units.ts";

/** A value as the program wants it; or what would have been allowed, null where the kind's own words say it. */
export type Reading<Output> = { readonly value: Output } | { readonly allowed: string | null };

/** The value is not of the kind. */
export const notTaken: Reading<never> = { allowed: null };

/** What a key takes. */
export interface Kind<Output> {
  /** In words, for messages and for the table of keys. */
  readonly allowed: string;
  read(value: unknown): Reading<Output>;
}

/** What the table of keys shows of a key. */
export interface KeyNotes {
  readonly allowed: string;
  readonly means: string;
}

/**
 * A schema of one value that may be left out.
 *
 * @param byDefault What then stands for it, as one would write it.
 * @param means One sentence for the table of keys.
 */
export function defaultKey<Output>(kind: Kind<Output>, byDefault: unknown, means: string) {
  return v.optional(requiredKey(kind, means), byDefault as NonNullable<unknown>);
}

/** A schema of one value that may be left out, and then is absent. */
export function optionalKey<Output>(kind: Kind<Output>, means: string) {
  return v.optional(requiredKey(kind, means));
}

/** A schema of one value that must be given. */
export function requiredKey<Output>(kind: Kind<Output>, means: string): v.GenericSchema<unknown, Output> {
  const notes: KeyNotes = { allowed: kind.allowed, means };
  return v.pipe(
    v.unknown(),
    v.rawTransform(({ dataset, addIssue, NEVER }): Output => {
      const read = kind.read(dataset.value);
      if ("value" in read) return read.value;
      addIssue({ message: read.allowed ?? kind.allowed });
      return NEVER;
    }),
    v.metadata({ ...notes }),
  );
}

/** Text that is not empty. `isRight` may find more fault with it. */
export function text(allowed: string, isRight: (value: string) => boolean = () => true): Kind<string> {
  return {
    allowed,
    read: (value) => (typeof value === "string" && value !== "" && isRight(value) ? { value } : notTaken),
  };
}

/** One of a few words (or `false`). */
export function oneOf<const Choice extends string | false>(...choices: readonly Choice[]): Kind<Choice> {
  const allowed = choices.map((choice) => JSON.stringify(choice)).join(", ");
  const words = choices.filter((choice) => typeof choice === "string");
  return {
    allowed,
    read(found) {
      const value = choices.find((choice) => choice === found);
      if (value !== undefined) return { value };
      const near = typeof found === "string" ? nearest(found, words) : null;
      return near === null ? notTaken : { allowed: `${allowed} (did you mean "${near}"?)` };
    },
  };
}

/** Milliseconds from a duration. */
export function duration(msMin: number): Kind<number> {
  const range = `${formatDuration(msMin)} to ${Math.floor(durationMsMax / 86_400_000)}d`;
  return {
    allowed: `a duration like "250ms", "5s", "1h" or a number of milliseconds, ${range}`,
    read(found) {
      const value = parseDuration(found);
      return value === null || value < msMin || value > durationMsMax ? notTaken : { value };
    },
  };
}

/** Bytes from a size. */
export function size(bytesMin: number, bytesMax: number): Kind<number> {
  return {
    allowed: `a size like "512KiB", "1MiB" or a number of bytes, ${bytesMin} to ${bytesMax}`,
    read(found) {
      const value = parseSize(found);
      return value === null || value < bytesMin || value > bytesMax ? notTaken : { value };
    },
  };
}

/** A number within bounds. */
export function number(min: number, max: number, whole: boolean): Kind<number> {
  return {
    allowed: `a ${whole ? "whole " : ""}number from ${min} to ${max}`,
    read: (value) =>
      typeof value === "number" && value >= min && value <= max && (!whole || Number.isInteger(value))
        ? { value }
        : notTaken,
  };
}

/** A list, every item of the kind. */
export function list<Item>(allowed: string, item: Kind<Item>, lengthMin: number): Kind<readonly Item[]> {
  return {
    allowed,
    read(found) {
      if (!Array.isArray(found) || found.length < lengthMin) return notTaken;
      const value: Item[] = [];
      for (const [index, entry] of found.entries()) {
        const read = item.read(entry);
        if (!("value" in read)) return { allowed: read.allowed ?? `${allowed}; item ${index + 1} is not` };
        value.push(read.value);
      }
      return { value };
    },
  };
}

/** A function of the user's. */
export function hook<Call>(allowed: string): Kind<Call> {
  return { allowed, read: (value) => (typeof value === "function" ? { value: value as Call } : notTaken) };
}
