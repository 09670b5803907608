import type { COMMANDS as EN } from "../en/commands.ts";
import { STATUS_PAGE } from "./status-page.ts";

const { causes, states } = STATUS_PAGE;

const grouped = (count: number): string => count.toLocaleString("ja");

const OUTCOMES = {
  published: "公開",
  scheduled: "公開日待ち",
  expired: "公開期限切れ",
  draft: "下書き",
  "not-public": "非公開",
  "not-published": "公開対象外",
  duplicate: "id の重複",
  rejected: "公開できない",
  held: "変換に時間がかかる",
  "no-article": "記事ではない",
} as const;

function readAs(found: { readonly name: string | null; readonly because: string | null } | null): string {
  if (found === null || found.name === null) return "";
  const why =
    found.because === null ? "ほかのツールのファイルが見つからないため" : `${found.because} があるため`;
  return `。プリセットは ${found.name} です(${why})。「sync-agent init」で設定ファイルに書き出せます`;
}

export const COMMANDS: typeof EN = {
  severities: { error: "エラー", warning: "警告", note: "参考" },
  count: (kind, count) => `${states[kind]} ${count} 件`,
  outcome: (kind, count) => `${OUTCOMES[kind]} ${count} 件`,
  brakeCauses: {
    "empty-revision":
      "考えられる原因: このリビジョンにはファイルが 1 つもありません。ブランチは正しいですか。",
    "no-candidates":
      "考えられる原因: このリビジョンに articles.include に一致するファイルがないか、articles.exclude がすべて除外しています。",
    "no-articles": "考えられる原因: ファイルはありますが、記事ではありません。ブランチは正しいですか。",
    "ids-changed":
      "考えられる原因: ファイルは残っていますが、id が変わっています。フックか articles.keys の変更を確かめてください。",
    withdrawn: "考えられる原因: フロントマターで非公開になったか、公開期限が過ぎています。",
    "mapped-null": "考えられる原因: フック articles.map がこれらの記事に null を返しました。",
    "files-gone":
      "考えられる原因: ファイルが削除または移動されたか、articles.include や exclude で対象から外れています。",
    "unknown-files":
      "考えられる原因: これらの id を持つファイルは、このリポジトリにはありませんでした。別のリポジトリが同じ owner を使っていませんか。",
  },
  comma: "、",
  check: {
    errors: (count) => `エラー ${count} 件`,
    noErrors: "エラーなし",
    strict: "失敗 (--strict では警告も許されません)",
    nothing: "調べるものがありません",
    worktree: "作業ツリー",
    summary: (verdict, warnings, files, where) =>
      `${verdict}、警告 ${warnings} 件(${where}、${files} ファイル)`,
    more: (count, code) => `... ほか ${count} 件 [${code}]。さらに見るには --json`,
    noFiles: "articles.include に当てはまるファイルがありません。",
    noConfig: (repo, found) => `設定ファイルが見つかりません。${repo} を既定の設定で調べます${readAs(found)}`,
  },
  explain: {
    labels: {
      revision: "リビジョン",
      include: "対象",
      exclude: "除外",
      id: "id",
      title: "タイトル",
      date: "日付",
      updated: "更新日",
      description: "説明",
      cover: "カバー",
      tags: "タグ",
      digest: "ダイジェスト",
      meanwhile: "それまで",
      inserter: "インサーター",
    },
    found: {
      committed: "",
      "on-disk": " にはありません。コミットしてください",
      nowhere: " にはありません",
    },
    noGlob: "当てはまるパターンはありません",
    matches: (glob) => `${glob} に当てはまります`,
    verdict: (path, words) => `${path}: ${words}`,
    gone: "ファイルがなくなったため、公開されません。",
    notIncluded: "articles.include のどのパターンにも当てはまらないため、公開されません。",
    excluded: "articles.exclude のパターンに当てはまるため、公開されません。",
    notPublished: "公開されません。",
    outcomes: {
      published: (id) => `${id} として公開されます。`,
      scheduled: (id, time) => `${time} に ${id} として公開されます。`,
      duplicate: (id, holder) => `id ${id} をすでに ${holder} が使っているため、公開されません。`,
      expired: (_id, time) => `公開期限 ${time} を過ぎたため、公開されません。`,
      draft: () => "下書きのため、公開されません。",
      "not-public": () => "フロントマターで非公開になっているため、公開されません。",
      "not-published": () => "articles.map が null を返したため、公開されません。",
      rejected: () => "記事に問題があるため、公開できません。",
      held: () => "Markdown の変換に時間がかかりすぎるため、保留されています。",
      "no-article": () => "記事ではありません。",
    },
    toBePublished: (id) => `コミットすると ${id} として公開されます。`,
    origins: {
      heading: "最初の見出し",
      file: (name) => `ファイル名 ${name}`,
      path: (name) => `パス ${name}`,
      literal: "articles.keys の固定値",
    },
    lastGood: "最後に公開できた版があれば、インサーターに残ります",
    never: "まだ一度も届いていません",
    stands: (since) => `${since} からあります`,
    same: (since) => `${since} からこの版があります`,
    other: (since) => `${since} から別の版があります`,
    pending: (kind, since, cause) =>
      `${since} から${kind === "upsert" ? "送信" : "削除"}待ちです(${causes[cause]})`,
    refused: (status, excerpt) => `${status} で拒否されました: ${excerpt}`,
    undeletable: "インサーターから削除できません",
    foreign: (owner) => `インサーターでは ${owner} のものです`,
    unknown: (why) => `分かりません。${why}`,
    nothingKnown: "この記事については何も記録がありません",
    noState: (path) => `状態ファイル ${path} がまだありません`,
    unreadableState: (reason) => `状態ファイルを読めません: ${reason}`,
  },
  plan: {
    upsert(cause, from, fields) {
      const which = fields === null ? "" : `: ${fields.join("、")}`;
      if (cause === "moved") return `${from ?? "別のファイル"} から移動${which}`;
      if (cause === "drift") return "インサーターの内容と異なる";
      return cause === "resend" ? "変更なし" : `${causes[cause]}${which}`;
    },
    draft: "下書きになった",
    notPublic: "フロントマターで非公開になった",
    expired: (time) => `公開期限 ${time} を過ぎた`,
    mappedNull: "articles.map が null を返した",
    waits: (time) => `${time} を待つ`,
    otherId: (id) => `ファイルの id が ${JSON.stringify(id)} に変わった`,
    noArticle: "記事ではなくなった",
    noFile: "この id のファイルがない",
    deleted: "ファイルが削除された",
    heldBack: (why) => `ブレーキにより削除しません: ${why}`,
    foreign: (owner) => `インサーターでは「${owner}」のもの`,
    moreInFile: (count) => `このファイルにほか ${count} 件`,
    stays: (ids) => `インサーターの ${ids} はそのまま残ります`,
    moreFiles: (count) =>
      `公開できないファイルがほか ${count} 件あります。一覧は "sync-agent check" で見られます`,
    unaccounted: (count) =>
      `公開できないファイルの記事かもしれないため、それが直るまで削除しないもの: ${count} 件`,
    again: "インサーターが記事の一覧を返せないため、変更がなくても再送するもの:",
    moreAgain: (count) => `ほか ${count} 件。すべて見るには --json`,
    brake: ({ deletes, owned }) => `ブレーキ: ${owned} 件の記事のうち ${deletes} 件の削除を止めています。`,
    brakeHint: "意図した削除なら: sync-agent once --allow-mass-delete",
    note: (reason) => `注意: ${reason}`,
    notAsked: (reason) => `インサーターに問い合わせていません: ${reason}`,
    totals: (revision, parts) => `${revision}: ${parts.join("、")}`,
    news: (count) => `新規 ${count} 件`,
    changed: (count) => `変更 ${count} 件`,
    deletes: (count) => `削除 ${count} 件`,
    deletesHeldBack: (count) => `止めている削除 ${count} 件`,
    resends: (count) => `変更なしの再送 ${count} 件`,
    cannot: (reason, hint) => `計画を立てられません: ${reason}. ${hint}`,
    moved: "その間にリポジトリが更新されました",
    tryAgain: "もう一度実行してください。",
    noConfig: (repo, url, found) =>
      `設定ファイルが見つかりません。${repo} を${url === "embedded" ? "内蔵のインサーター(SQLite、このマシンのみ)" : ` ${url} `}に同期します${readAs(found)}`,
  },
  once: {
    notInStep: (reason) => `同期できていません: ${reason}.`,
    done(revision, delivered, total, published) {
      const work =
        total === 0
          ? "送信するものはありません"
          : `${grouped(total)} 件中 ${grouped(delivered)} 件を送信・削除`;
      return `${revision}: ${work}、公開済み ${grouped(published)} 件`;
    },
    rest: (parts) => parts.join("、"),
    conflict: ({ owner, held, wanted }) =>
      `何も送信していません: ${wanted} 件の記事のうち ${held} 件は、インサーターで所有者 "${owner}" のものになっています。\n  引き継ぐ場合は、設定ファイルに owner: "${owner}" と書いてください。`,
    brake: ({ deletes, owned }) =>
      `ブレーキ: ${owned} 件のうち ${deletes} 件が削除されるところでした。何も削除していません。`,
    approved: (count) => `次の ${count} 件の削除を、今回に限り承認しました:`,
    nothingToApprove: "承認する削除はありません。ブレーキはかかっていません。",
  },
  progress: {
    delivered: (done, total) => `${done}/${total} 件送信`,
    rate: (count) => `毎秒 ${count} 件`,
    left: (span) => `残り ${span}`,
    read: (count) => `${count} ファイル読み取り`,
    rejected: (count) => `公開できない ${count} 件`,
  },
  status: {
    phases: {
      "waiting-for-repository": "リポジトリを待っています",
      "waiting-for-inserter": "インサーターを待っています",
      reconciling: "比較と送信の途中です",
      following: "追跡中です",
      "not-running": "動いていません。状態ファイルの内容です",
    },
    owner: (owner) => `(所有者 ${owner})`,
    lasting: (verdict, span) => `${verdict}(${span}前から)`,
    unhealthy: "異常があります",
    notReady: "準備ができていません",
    unreadable: "状態ファイルを読めません",
    startedOver: "新しい状態ファイルで始めました",
    revision: "リビジョン",
    noRevision: "まだありません",
    authored: (ago) => `作成 ${ago}`,
    live: (ago) => `公開 ${ago}`,
    articles: "記事",
    titles: {
      pending: "送信中",
      rejected: "公開できないファイル",
      duplicates: "id の重複",
      held: "変換に時間がかかる",
      refused: "インサーターに拒否された",
      foreign: "別の所有者の id",
      undeletable: "削除できない",
      scheduled: "公開日待ち",
      doubtful: "公開済み(警告あり)",
    },
    failed: (count, problem) => `${count} 回失敗: ${problem}`,
    keeps: (ids) => `直るまでは、${ids} の最後に公開できた版がそのまま残ります`,
    duplicate: (path, id, winner) => `${path} の id「${id}」は ${winner} が使っています`,
    answered: (status, ago) => `${ago}に ${status} という応答`,
    owned: (owner) => `所有者は ${owner}`,
    more: (count) => `ほか ${count} 件。さらに見るには --json`,
  },
  init: {
    wrote: (file, what) => `${file} を書きました: ${what}。`,
    left: (file) => `${file} はそのままにしました。`,
    types: "エディター用の型",
    found: ({ name, because }) => {
      if (name === null) return "プリセットなし。記事には、そのまま読めるキーがあります";
      return because === null
        ? `プリセットは ${name} です(ほかのツールのファイルが見つからないため)`
        : `プリセットは ${name} です(${because} があるため)`;
    },
    asked: (name) => `プリセットは、指定どおり ${name} です`,
    noFiles: "記事になるファイルはまだありません。",
    published: (count, files) => `この設定では ${files} ファイルのうち ${count} 件が公開されます`,
    scheduled: (count) => `公開予定 ${count} 件`,
    drafts: (count) => `非公開 ${count} 件`,
    without: (count) => `フロントマターなし ${count} 件`,
    rejected: (count) => `公開できない ${count} 件`,
    like: (count) => `(同様のものがほか ${count} 件)`,
    more: (count) => `ほか ${count} 種類`,
    next:
      '次に: "sync-agent check --worktree" で記事の問題を調べ、\n' +
      '      "sync-agent run --worktree" で書きながら表示を確かめられます。\n' +
      '      "sync-agent run" はコミット済みの記事を公開します。inserter.url を設定するまでは、このマシンの中だけです。',
  },
};
