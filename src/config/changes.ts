import { statSync } from "node:fs";

/**
 * Tells whether a configuration file was written anew, replaced, or exchanged together with the folder that
 * its link leads through, as Kubernetes does with a ConfigMap. The path is followed anew at each look.
 */
export class ConfigChanges {
  readonly #file: string | null;
  #mark: string;

  /** @param file Absolute path; null where there is none, and then nothing ever changes. */
  constructor(file: string | null) {
    this.#file = file;
    this.#mark = this.#look();
  }

  /**
   * Whether it is another file, or another text, than when this was asked last. One that went away is a
   * change too. Never throws; cheap enough for every poll.
   */
  changed(): boolean {
    const before = this.#mark;
    this.#mark = this.#look();
    return this.#mark !== before;
  }

  #look(): string {
    if (this.#file === null) return "";
    try {
      const { dev, ino, size, mtimeNs, ctimeNs } = statSync(this.#file, { bigint: true });
      return `${dev} ${ino} ${size} ${mtimeNs} ${ctimeNs}`;
    } catch (error) {
      return String((error as NodeJS.ErrnoException).code);
    }
  }
}
