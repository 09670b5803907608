/** What a value of front matter says: yes or no, not public or public, in English or Japanese. */
const words = (text: string): ReadonlySet<string> => new Set(text.split(/\s+/));

const YES = words("true yes on y 1 はい 有効 する 真 オン ○ ◯ ✓ ✔ ✅");
const NO = words("false no off n 0 none never nil null いいえ 無効 しない 偽 オフ なし × ✕ ✗ ✘ ❌");
const HIDDEN = words(
  "draft drafts drafting private privately hidden unlisted unpublished notpublished notpublic nonpublic wip workinprogress pending pendingreview inreview trash trashed deleted removed secret internal confidential restricted protected passwordprotected members membersonly subscribers subscribersonly paid friends me onlyme offline expired embargoed skip later soon notyet tbd tba 下書き 草稿 非公開 未公開 限定公開 非表示 執筆中 作成中 準備中 公開前 未定 公開停止 公開終了 削除 削除済み 削除済 社内限定 会員限定 メンバー限定 自分のみ",
);
const PUBLIC = words(
  "public published publish live visible everyone all open done final finished complete ready 公開 公開中 公開済み 公開済 全体公開 完成",
);
/** Public from a time on that stands elsewhere. */
const WAITING = words("scheduled schedule future queued 予約 予約中 予約済み 予約投稿 公開予定 公開予約");

/** Longer words mean nothing here, UTF-16 code units. */
const WORD_MAX = 40;
const IGNORED = /[\p{Cf}\p{Cc}\s_.-]+/gu;

/**
 * A key or a word without case, width, blanks, `_`, `-` and what cannot be seen; null for a longer text or
 * what is no text.
 */
export function plain(value: unknown): string | null {
  const text = typeof value === "string" ? value : typeof value === "number" ? String(value) : null;
  if (text === null || text.length > WORD_MAX) return null;
  return text.normalize("NFKC").toLowerCase().replace(IGNORED, "");
}

/** Whether a value means yes or no; null where it means neither. One wrong letter in `true` or `false` is none. */
export function flagOf(value: unknown): boolean | null {
  if (typeof value === "boolean") return value;
  const word = plain(value);
  if (word === null) return null;
  if (YES.has(word)) return true;
  if (NO.has(word)) return false;
  if (isSlip(word, "false")) return false;
  return isSlip(word, "true") ? true : null;
}

/** Whether two words differ by one letter, by two neighbours in the other order, or not at all. */
export function isSlip(word: string, meant: string): boolean {
  if (Math.abs(word.length - meant.length) > 1) return false;
  let start = 0;
  while (start < word.length && word[start] === meant[start]) start++;
  let [end, meantEnd] = [word.length, meant.length];
  while (end > start && meantEnd > start && word[end - 1] === meant[meantEnd - 1])
    [end, meantEnd] = [end - 1, meantEnd - 1];
  const [wrong, right] = [word.slice(start, end), meant.slice(start, meantEnd)];
  if (wrong.length <= 1 && right.length <= 1) return true;
  return wrong.length === 2 && wrong[0] === right[1] && wrong[1] === right[0] && right.length === 2;
}

/** Whether there is nothing: null, or text without a visible character. */
export function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || plain(value) === "";
}

export function isHiddenWord(value: unknown): boolean {
  return HIDDEN.has(plain(value) ?? "");
}

export function isPublicWord(value: unknown): boolean {
  return PUBLIC.has(plain(value) ?? "");
}

export function isWaitingWord(value: unknown): boolean {
  return WAITING.has(plain(value) ?? "");
}
