/** A simulated author, who does everything to a blog that authors do. */
import { article } from "../../test/support/scene.ts";

/** An article file; a malformed one is not an article. */
interface Post {
  readonly id: string;
  readonly edition: number;
  readonly state: "published" | "draft" | "malformed";
}

/** Files to commit by path; null deletes one. */
export type Edit = Record<string, string | null>;

/** Most posts that one commit changes. */
const POSTS_MAX = 12;

/** Writes, edits, moves, renames, withdraws, breaks, fixes and deletes posts, as draws from [0, 1) decide. */
export class Author {
  readonly #random: () => number;
  readonly #count: number;
  readonly #posts = new Map<string, Post>();
  #written = 0;

  /** @param count About how many posts there are at any time. */
  constructor(random: () => number, count: number) {
    this.#random = random;
    this.#count = count;
  }

  /** The first version of the blog. */
  first(): Edit {
    const edit: Edit = {};
    for (let number = 0; number < this.#count; number++) this.#write(edit);
    return edit;
  }

  /** One commit. */
  next(): Edit {
    const edit: Edit = {};
    for (let left = 1 + Math.floor(this.#random() * POSTS_MAX); left > 0; left--) this.#change(edit);
    return edit;
  }

  /** Fixes what is malformed, so that the tree alone decides what is published. */
  last(): Edit {
    const edit = this.next();
    for (const [path, post] of this.#posts) {
      if (post.state === "malformed") this.#put(edit, path, { ...post, state: "published" });
    }
    return edit;
  }

  #change(edit: Edit): void {
    const paths = [...this.#posts.keys()];
    const path = paths[Math.floor(this.#random() * paths.length)];
    const post = path === undefined ? undefined : this.#posts.get(path);
    const draw = this.#random();
    if (path === undefined || post === undefined) this.#write(edit);
    else if (draw < 0.4) this.#put(edit, path, { ...post, edition: post.edition + 1 });
    else if (draw < 0.5) this.#put(edit, path, { ...post, state: "draft" });
    else if (draw < 0.6) this.#put(edit, path, { ...post, state: "malformed" });
    else if (draw < 0.7) this.#put(edit, path, { ...post, state: "published" });
    else if (draw < 0.8) {
      this.#drop(edit, path);
      this.#put(edit, `moved/${this.#written++}.md`, post);
    } else if (draw < 0.85) this.#put(edit, path, { ...post, id: `post-${this.#written++}` });
    else if (draw < 0.9) this.#swap(edit, path, post, paths);
    else if (this.#posts.size > this.#count) this.#drop(edit, path);
    else this.#write(edit);
  }

  /** Two files exchange their ids. */
  #swap(edit: Edit, path: string, post: Post, paths: readonly string[]): void {
    const other = paths[Math.floor(this.#random() * paths.length)] ?? path;
    const { id, edition, state } = this.#posts.get(other) ?? post;
    this.#put(edit, other, { id: post.id, edition, state });
    this.#put(edit, path, { ...post, id });
  }

  #write(edit: Edit): void {
    const number = this.#written++;
    this.#put(edit, `posts/${number % 10}/${number}.md`, {
      id: `post-${number}`,
      edition: 0,
      state: "published",
    });
  }

  #drop(edit: Edit, path: string): void {
    this.#posts.delete(path);
    edit[path] = null;
  }

  #put(edit: Edit, path: string, post: Post): void {
    this.#posts.set(path, post);
    const text = article(post.id, `Edition ${post.edition}`, post.state === "draft" ? "draft: true\n" : "");
    edit[path] = post.state === "malformed" ? text.replace(/^title:.*$/m, "title:") : text;
  }
}
