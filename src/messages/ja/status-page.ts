import { type STATUS_PAGE as EN, say } from "../en/status-page.ts";

export const STATUS_PAGE: typeof EN = {
  skip: "よくある質問へ移動",
  asOf: "更新時刻:",
  staleTitle: "応答なし",
  stale: "エージェントが応答しないため、現在の状態は分かりません。以下の内容は古いものです。",
  verdict: {
    inStep: "同期済み",
    inStepExcept: (count) => `${count} 件を除き同期済み`,
    behind: "未反映の変更あり",
    notSyncing: "同期できていません",
    inStepLead: "このリビジョンで公開される記事は、すべてインサーターに届いています。",
    exceptLead: "このリビジョンのほかの記事は、すべてインサーターに届いています。",
    workingLead: "まだ反映されていない変更がありますが、何もする必要はありません。",
    behindLead: "まだ反映されていない変更があり、確認が必要です。",
    troubleLead: "次の理由で、変更がインサーターに届いていません。",
    since: (span) => `${span}前から`,
    needs: (count) => `対応が必要な記事が ${count} 件あります`,
    nothingToFix: "対応が必要な記事はありません",
  },
  reasons: {
    "not-running": say(`エージェントが動いていません
    起動してください。`),
    starting: say(`起動後の最初の確認がまだ終わっていません`),
    "waiting-for-repository": say(`リポジトリがまだ見つかりません
    見つかると自動で続きから始まります。`),
    "waiting-for-commit": say(`最初のコミットを待っています
    コミットが届くと自動で始まります。`),
    "repository-unreadable": say(`リポジトリを読めません
    詳しい理由はログにあります。リポジトリが直ると自動で続きから始まります。`),
    "waiting-for-inserter": say(`インサーターにまだつながりません
    自動で再試行されます。`),
    "new-revision": say(`新しいリビジョンを確認しています`),
    pending: say(`まだ確認されていない変更があります`),
    brake: say(`一度に削除される記事が多すぎるため、削除を止めています
    意図した削除なら sync-agent once --allow-mass-delete を実行するか、prune.maxFraction を大きくしてください。そうでなければ、最近のコミットで何が消えたか確かめてください。`),
    "owner-conflict": say(`インサーターの記事は別の所有者のものなので、何も送信していません
    引き継ぐ場合は、設定ファイルの owner にその所有者を書いてください。`),
    "inserter-trouble": say(`インサーターを使えません
    何も失われません。自動で再試行されます。`),
    "state-trouble": say(`エージェントが状態ファイルに書き込めません
    何も失われません。空き容量と権限が戻れば自動で続きます。`),
    "config-invalid": say(`変更された設定ファイルに誤りがあり、使えません
    以前の設定のまま動いています。ファイルを直すと自動で読み直されます。`),
    "stuck-loop": say(`エージェントが止まっています
    再起動しても何も失われません。`),
    "stuck-call": say(`エージェントが止まっています
    再起動しても何も失われません。`),
    "stuck-delivery": say(`送信が止まっています
    再起動しても何も失われません。`),
  },
  startedOver: say(`削除した記事がインサーターに残っているかもしれません
    状態ファイルが新しく作られ、このインサーターは保存している記事の一覧を返せません。それより前にリポジトリから削除された記事は見つけられないので、インサーター側で直接削除してください。`),
  find: {
    heading: "記事が表示されないのはなぜ?",
    label: "記事のパスか id(一部でもかまいません)",
    button: "調べる",
    none: (text) => `パスか id に「${text}」を含む記事ファイルはありません。`,
    noneWhy: [
      "コミットして、ここで追っているブランチにプッシュしましたか。",
      "ここに表示されているリビジョンと自分の最後のコミットを比べてください。もう届いていますか。",
    ],
    looked: (globs) => `対象になるのは ${globs} に当てはまるパスだけです`,
    except: (globs) => `(${globs} を除く)`,
    stillThere: "インサーターには以前の版が残っています。",
    notThere: "インサーターには何も届いていません。",
    warned: "ただし、印の付いたところは書き間違いかもしれません。確かめてください。",
    more: (count) => `最初の ${count} 件だけを表示しています。パスをもう少し詳しく書いてください。`,
  },
  found: {
    live: say(`公開されています
    このリビジョンの版をインサーターが確認しました。`),
    pending: say(`送っているところです
    インサーターからの確認を待っています。`),
    unsent: say(`まだ確認していません
    このリビジョンを確認している途中です。`),
    scheduled: say(`公開日を待っています
    時間が来ると自動で公開されます。`),
    expired: say(`公開期限が過ぎています
    フロントマターに公開の期限が書かれています。その日付を変え、コミットしてプッシュしてください。`),
    draft: say(`下書きです
    フロントマターに draft: true とあります。その行を消し、コミットしてプッシュしてください。`),
    "not-public": say(`フロントマターで非公開になっています
    draft 以外のキーに非公開とあります。その値を変え、コミットしてプッシュしてください。`),
    "mapped-null": say(`設定で公開の対象から外されています
    フック articles.map が null を返しました。このエージェントを設定した人に聞いてください。`),
    rejected: say(`内容に問題があり、公開できません
    印の付いたところを直し、コミットしてプッシュしてください。`),
    duplicate: say(`同じ id を別のファイルが使っています
    どちらかの id を変え、コミットしてプッシュしてください。`),
    held: say(`変換に時間がかかりすぎます
    閉じていない括弧や引用符、深い入れ子のリストが大量にないか確かめてください。ときどき自動で再試行されます。`),
    refused: say(`インサーターに拒否されました
    理由はインサーターの応答にあります。記事が変わると再び送られます。`),
    foreign: say(`インサーターでは別の所有者がこの id を使っています
    別の id にするか、その所有者に id を空けてもらってください。`),
    gone: say(`この id のファイルはもうありません
    記事が削除されたか、id が変わっています。`),
  },
  attention: {
    heading: "対応が必要なもの",
    rejected: say(`内容に問題があり、公開できないファイル
    書いた人が直してください。印の付いたところを修正し、コミットしてプッシュします。`),
    duplicates: say(`id が重なっているファイル
    二つのファイルが同じ id を使っています。パスの順で先のものが優先されるので、もう一方の id を変えてください。`),
    refused: say(`インサーターに拒否された記事
    理由はインサーターの応答にあります。記事が変わると再び送られます。`),
    foreign: say(`id が別の所有者のものである記事
    インサーターでは別の所有者がこの id を使っているため、上書きしません。`),
    held: say(`変換に時間がかかりすぎる記事
    Markdown の変換が制限時間内に終わりません。ときどき自動で再試行されます。`),
    undeletable: say(`インサーターから削除できない記事
    リポジトリからは消えましたが、このインサーターは削除に対応していません。インサーター側で直接削除してください。`),
    keeps: "直るまでは、最後に公開できた版がそのまま残ります。",
    keepsNothing: "この記事は公開されていません。",
    duplicate: (id, winner) => `id「${id}」は ${winner} が使っています。`,
    refusal: (status, kind) =>
      kind === "delete"
        ? `削除の依頼に ${status} という応答がありました。`
        : `${status} という応答がありました。`,
    owner: (owner) => `所有者は「${owner}」です。`,
    howToFix: "直し方:",
    answer: "インサーターの応答",
    rest: (count) => `ほか ${count} 件`,
    warning: "警告",
  },
  warnings: {
    heading: "公開済み(警告あり)",
    lead: "公開されていますが、印の付いたところは書き間違いかもしれません。書いた人が確かめてください。",
  },
  pending: {
    heading: "送信中",
    lead: "送り始めて、まだインサーターが確認していないものです。古い順に並んでいます。",
    upsert: "公開",
    delete: "削除",
    failed: (count, _isOne, problem) => `${count} 回失敗: ${problem}`,
    next: (span) => `次の試行は${span}`,
    since: (span) => `${span}待っています`,
  },
  causes: {
    new: "新規",
    changed: "変更",
    moved: "移動",
    drift: "インサーターの内容が違っていた",
    resend: "念のための再送",
    deleted: "削除",
    withdrawn: "取り下げ",
    scheduled: "公開日が先の日付になった",
    unowned: "対応するファイルがない",
  },
  scheduled: { heading: "公開日を待っている記事", lead: "時間が来ると自動で公開されます。" },
  revision: {
    heading: "リビジョン",
    none: "まだありません",
    noSubject: "コミットを読み取れません。",
    authored: "作成",
    flipped: "到着",
    seen: "検知",
    live: "公開",
    notYet: "まだです",
    beforeStart: "このエージェントの起動より前",
  },
  states: {
    heading: "記事",
    none: "記事はまだありません。",
    published: "公開済み",
    pending: "送信中",
    scheduled: "公開日待ち",
    withdrawn: "下書き・対象外",
    held: "変換に時間がかかる",
    rejected: "公開できない",
    refused: "拒否された",
    undeletable: "削除できない",
  },
  speed: {
    heading: "到着から公開まで",
    none: "このエージェントの起動後、変更はまだありません。",
    summary: (count, median, most) =>
      `最近の ${count} 件の変更のうち、半分は到着から ${median}以内、ほぼすべてが ${most}以内に公開されました。`,
    axis: "縦棒一本が変更一件、右端が最新",
  },
  recent: {
    heading: "最近届いたもの",
    none: "このエージェントの起動後、まだありません。",
    when: "時刻",
    what: "内容",
    article: "記事",
    took: "応答まで",
    liveAfter: "公開まで",
    attempts: (count) => `${count} 回目で成功`,
  },
  about: {
    heading: "このエージェントについて",
    version: "バージョン",
    running: "起動してから",
    repository: "リポジトリ",
    inserter: "インサーター",
    owner: "所有者",
    inventory: "一覧",
    inventories: {
      inventory: "インサーターは保存している記事の一覧を返せます",
      none: "インサーターは保存している記事の一覧を返せません",
      unknown: "まだ分かりません",
    },
    lastPass: "最後の確認",
    pass: (trigger, examined) => `${trigger}、${examined} ファイルを確認`,
    triggers: {
      start: "起動時",
      watch: "リンクの切り替え",
      poll: "定期確認で発見",
      again: "やり残しの確認",
      drift: "インサーターとの差",
      resync: "定期の全件確認",
      schedule: "公開日の到来",
      reload: "設定の変更",
      approval: "大量削除の承認",
    },
    verified: "インサーターと照合",
    nextDrift: "次の照合",
    nextResync: "次の全件確認",
    probes: "プローブ",
    probe: (healthy, ready) => `${healthy ? "正常" : "異常"}、${ready ? "準備完了" : "準備中"}`,
    readOnly: "このページから何かを変えることはできません。",
    otherLanguage: "Read in English",
  },
  comma: "、",
  units: {
    ms: (n) => `${n} ミリ秒`,
    s: (n) => `${n} 秒`,
    min: (n) => `${n} 分`,
    h: (n) => `${n} 時間`,
    days: (n) => `${n} 日`,
    years: (n) => `${n} 年`,
    ago: (span) => `${span}前`,
    ahead: (span) => `${span}後`,
    now: "今",
  },
};
