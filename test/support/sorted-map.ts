import { compareBytes } from "../../src/sync/rules.ts";

/** A map whose keys come in byte order of UTF-8, the order of Git's trees and of SQLite. */
export class SortedMap<V> {
  readonly #values = new Map<string, V>();
  readonly #keys: string[] = [];

  get size(): number {
    return this.#keys.length;
  }

  get(key: string): V | undefined {
    return this.#values.get(key);
  }

  has(key: string): boolean {
    return this.#values.has(key);
  }

  set(key: string, value: V): void {
    if (!this.#values.has(key)) this.#keys.splice(this.#indexOf(key), 0, key);
    this.#values.set(key, value);
  }

  delete(key: string): void {
    if (this.#values.delete(key)) this.#keys.splice(this.#indexOf(key), 1);
  }

  clear(): void {
    this.#values.clear();
    this.#keys.length = 0;
  }

  /** The live list: not to be kept while keys come and go. */
  keys(): IteratorObject<string> {
    return this.#keys.values();
  }

  values(): IteratorObject<V> {
    return this.#keys.values().map((key) => this.#values.get(key) as V);
  }

  /** Keys after this one, which need not be there itself; all when it is null. */
  *keysAfter(after: string | null): Generator<string> {
    let at = 0;
    if (after !== null) {
      at = this.#indexOf(after);
      if (this.#keys[at] === after) at++;
    }
    for (; at < this.#keys.length; at++) yield this.#keys[at] as string;
  }

  /** Up to `limit` values whose key comes after `after`. */
  page(after: string | null, limit: number, isWanted: (value: V) => boolean = () => true): V[] {
    const page: V[] = [];
    for (const key of this.keysAfter(after)) {
      if (page.length >= limit) break;
      const value = this.#values.get(key) as V;
      if (isWanted(value)) page.push(value);
    }
    return page;
  }

  /** Where the key is, or would be. */
  #indexOf(key: string): number {
    let low = 0;
    let high = this.#keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareBytes(this.#keys[middle] as string, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** Keys of either map after this one, each once, in order. */
export function* merged(
  a: SortedMap<unknown>,
  b: SortedMap<unknown>,
  after: string | null,
): Generator<string> {
  const left = a.keysAfter(after);
  const right = b.keysAfter(after);
  let x = left.next();
  let y = right.next();
  while (!x.done || !y.done) {
    const order = x.done ? 1 : y.done ? -1 : compareBytes(x.value, y.value);
    yield order <= 0 ? (x.value as string) : (y.value as string);
    if (order <= 0) x = left.next();
    if (order >= 0) y = right.next();
  }
}
