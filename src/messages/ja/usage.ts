import { type USAGE as EN, fault } from "../en/usage.ts";

const quoted = (text: string): string => JSON.stringify(text);
const listed = (names: readonly string[]): string => names.map(quoted).join("、");

export const USAGE: typeof EN = {
  unknownCommand: (name, near, all) =>
    fault(
      `コマンド ${quoted(name)} はありません`,
      near === null
        ? `コマンドは ${listed(all)} です。説明は "sync-agent --help" で表示できます。`
        : `"${near}" の間違いではありませんか。コマンドの一覧は "sync-agent --help" で表示できます。`,
    ),
  unknownShell: (name, near, all) =>
    fault(
      `シェル ${quoted(name)} には対応していません`,
      near === null ? `対応しているシェルは ${listed(all)} です。` : `"${near}" の間違いではありませんか。`,
    ),
  unknownOption: (option, near) =>
    fault(
      `オプション ${option} はありません`,
      near === null
        ? 'オプションの一覧は "sync-agent --help" で表示できます。'
        : `--${near} の間違いではありませんか。`,
    ),
  takesNoValue: (option, value) => fault(`${option} に値は指定できません (指定された値: ${quoted(value)})`),
  needsValue: (option, value, joined) =>
    fault(
      `${option} には値が必要です: ${option} ${value}`,
      joined === null ? "" : `"-" で始まる値は ${joined} のように書いてください。`,
    ),
  emptyValue: (option) => fault(`${option} の値が空です`),
  wrongValue: (option, found, allowed) => fault(`${option}: ${found} は使えません。使える値: ${allowed}`),
  otherCommand: (option, command, owners) =>
    fault(
      `${option} は "${command}" のオプションではありません`,
      `使えるコマンドは ${listed(owners)} です。"${command}" のオプションは "sync-agent ${command} --help" で表示できます。`,
    ),
  argumentMissing: (command, usage) =>
    fault(
      `${command} には${command === "completion" ? "シェルの名前" : "ファイルのパス"}が必要です`,
      `使い方: ${usage}`,
    ),
  tooManyArguments: (command, most, found, usage) =>
    fault(
      `${command} ${most === 0 ? "に引数は指定できません" : "に指定できる引数は 1 つだけです"} (指定された引数: ${found.map(quoted).join(" ")})`,
      `使い方: ${usage}`,
    ),
  idsWithoutFull: (ids) =>
    fault(
      `once に引数は指定できません (指定された引数: ${ids.map(quoted).join(" ")})`,
      `これらの記事を再送するには: sync-agent once --full ${ids.join(" ")}`,
    ),
  contradiction: (one, other) => fault(`${one} と ${other} は同時に指定できません`),
  worktreeElsewhere: (other) =>
    fault(
      `--worktree と ${other} は同時に指定できません`,
      "コミットしていないファイルは内蔵のインサーターだけに表示され、何も保存されません。",
    ),
  idleOption: (option) =>
    fault(
      `"init" だけでは ${option} に意味がありません`,
      "--kubernetes または --deno と一緒に指定してください。",
    ),

  error: "エラー",
  bug: (message, stack) => fault(`sync-agent の不具合です: ${message}`, stack),
  notPermitted: (needed, advice) => fault(`必要な権限が Deno に許可されていません: ${needed}`, advice),

  cannotSearch: (folder, reason) =>
    fault(
      `${folder} で設定ファイルを探せません: ${reason}`,
      "原因を取り除くか、--config FILE で設定ファイルを指定してください。",
    ),
  nothingHere: (folder) =>
    fault(
      `${folder} とその上位に、設定ファイルも Git リポジトリもありません`,
      '--repo DIR でリポジトリを指定してください。設定ファイルは "sync-agent init" で作成できます。',
    ),
  foreignConfig: (path, uid) =>
    fault(
      `${path} は別のユーザー (uid ${uid}) のファイルなので使いません`,
      `設定ファイルはコードとして実行されます。信頼できるなら --config ${path} を、設定ファイルなしで動かすなら --no-config を指定してください。`,
    ),
  configAbove: (path, folder) =>
    fault(
      `${path} は作業ディレクトリ ${folder} にないので使いません`,
      `設定ファイルはコードとして実行されますが、Deno では実行ユーザーを確認できません。信頼できるなら --config ${path} を、設定ファイルなしで動かすなら --no-config を指定してください。`,
    ),
  unusedConfig: (path) =>
    fault(
      `${path} は今の内容ではまだ実行されたことのないコードなので、確認のためだけには読み込みません`,
      `信頼できるなら --config ${path} を指定してください。"run" と "once" は使った内容を記録します。設定ファイルなしで動かすなら --no-config を指定してください。`,
    ),
  cannotReadConfig: (path, reason) => fault(`設定ファイル ${path} を読めません: ${reason}`),
  emptyConfig: (path) => fault(`${path} は空です`, '"sync-agent init" でひな形を作成できます。'),
  wrongExtension: (path, extension, all) =>
    fault(
      `${path} を読み込めません: ${extension === "" ? "拡張子がありません" : `拡張子 "${extension}" は使えません`}。使える拡張子: ${listed(all)}`,
    ),
  cannotLoad: (place, reason, hint = "") => fault(`${place} を読み込めません: ${reason}`, hint),
  noDefault: (path, exported) =>
    fault(
      exported.length === 0
        ? `${path} は何もエクスポートしていません`
        : `${path} がエクスポートしているのは ${exported.join("、")} だけで、default がありません`,
      "`export default { ... }` と書いてください。",
    ),
  invalid: (file, faults) =>
    fault(
      [
        `${file ?? "設定"} に誤りがあります${faults.length === 1 ? "" : ` (${faults.length} 件)`}`,
        ...faults.map((line) => `  ${line}`),
      ].join("\n"),
    ),
  noStateFolder: fault(
    "状態ファイルの置き場所がありません: $STATE_DIRECTORY、$XDG_STATE_HOME、$HOME のどれも設定されていません",
    "いずれかを設定するか、設定の `state` または --state FILE を指定してください。",
  ),

  key: {
    wrong: (key, found, allowed) => `${key}: ${found} は使えません。使える値: ${allowed}`,
    wrongWhole: (found, allowed) => `${found} は使えません。使える値: ${allowed}`,
    missing: (key, allowed) => `${key}: 指定がありません。使える値: ${allowed}`,
    unknownNear: (key, near) => `${key}: このキーはありません。${near.join(" か ")} の間違いではありませんか`,
    unknown: (key, known) => `${key}: このキーはありません。使えるキー: ${known.join("、")}`,
    hiddenText: "文字列 (非表示)",
    hiddenList: "リスト (非表示)",
    hiddenMap: (keys) => `${keys.length === 0 ? "空の" : `${keys.join("、")} の`}マップ (値は非表示)`,
    aFunction: "関数",
    aDate: "日付",
    retryOrder: (min, max) =>
      `inserter.retry: min ${min} ms が max ${max} ms を超えています。min は max 以下にしてください`,
    tlsPair: "inserter.tls: cert と key の一方しかありません。両方を指定するか、両方とも外してください",
    authorizations: (found) =>
      `inserter: 認証方法は 1 つだけ指定できます。${found.join(" と ")} が指定されています`,
    storeElsewhere:
      'inserter.store: インサーターの URL と一緒には使えません。inserter.url が "embedded" のときだけ指定できます',
    storeTlsPair:
      "inserter.store.elasticsearch.tls: cert と key の一方しかありません。両方を指定するか、両方とも外してください",
    storeUrlCredentials: "その url の認証情報",
    urlCredentials: "inserter.url の認証情報",
    unsetVariable: (key, name) => `${key}: 環境変数 ${name} が設定されていないか、空です`,
    unreadable: (key, path, reason) => `${key}: ${path} を読めません: ${reason}`,
  },

  allowed: {
    path: "パス",
    owner: '英字、数字、"."、"_"、"-" からなる 64 文字以内の名前 (先頭は英字か数字)',
    ref: '"HEAD"、"main"、"refs/tags/v1" のようなブランチ、タグ、コミット',
    timezone: '"UTC" や "Asia/Tokyo" のような IANA タイムゾーン',
    glob: "パターン (glob)",
    noNegation: (glob) => `"!" のないパターン。${quoted(glob)} を articles.exclude に書いてください`,
    noLeadingSlash: (glob) =>
      `リポジトリ内のパスのパターン。${quoted(glob)} のように "/"、"./"、"../" で始めることはできません`,
    include: '["**/*.md"] のようなパターンのリスト (1 つ以上)',
    exclude: '["**/README.md"] のようなパターンのリスト',
    linkPlace:
      '"/posts/{name}" や "https://cdn.example/{path}" のような、{path} か {name} を含むアドレス ({dir} も使えます)、または関数 (path) => アドレス',
    keyNames: '["draft", "private"] のような、フロントマターのキーのリスト',
    keySources:
      '["date", "created"] のような、フロントマターのキーのリスト。"heading"、"file"、"path"、{ all: ["topics", "tags"] }、{ literal: "1970-01-01" } も書けます',
    item: (list, number) => `${list}。${number} 番目の項目が違います`,
    url: '"http://localhost:8081/post" のような URL、または "embedded"',
    urlWithoutQuery: '"?" と "#" を含まない URL (末尾に id を付けて URL/ID として使うため)',
    secret: '{ env: "NAME" } または { file: "/path" }。秘密の値そのものは書けません',
    headers: 'ヘッダー名から文字列、{ env: "NAME" }、または { file: "/path" } へのマップ',
    headerName: (name) => `英字、数字、"-" からなるヘッダー名 (${quoted(name)} は使えません)`,
    ownHeader: (name) => `sync-agent 自身が設定しないヘッダー (${quoted(name)} は使えません)`,
    headerValue: (name) => `${quoted(name)} には 1 行の文字列、{ env: "NAME" }、または { file: "/path" }`,
    batch: '"auto"、false、または 1 から 10000 までの整数',
    status:
      'false、または { listen: "0.0.0.0:9300" } のような { listen: "HOST:PORT" } (allowedHosts も指定できます)',
    hostNames: '["blog.example"] のような、ポート番号を含まないホスト名のリスト',
    storeUrls: '"http://elasticsearch:9200" のような URL、またはそのリスト',
    indexName: '"articles" のような、英小文字、数字、"."、"_"、"-"',
    storeUrlsListed: 'コンマで区切った "http://elasticsearch:9200" のような URL',
    hostNamesListed: "blog.example,10.0.0.7 のような、コンマで区切ったホスト名 (ポート番号なし)",
    listen: '"0.0.0.0:9300" や "[::]:9300" のような HOST:PORT',
    standardSchema: "Standard Schema (zod、valibot、arktype など)",
    attributes: "関数 ({ path, attributes, body }) => attributes",
    map: "関数 (article) => payload または null",
    section: (key) => `{ ${key} } のようなキーのマップ`,
    settings: "設定のオブジェクト",
    choice: (choices, near) => (near === null ? choices : `${choices} ("${near}" の間違いではありませんか)`),
    duration: (min, max) => `"250ms"、"5s"、"1h" のような時間、またはミリ秒数 (${min} から ${max} まで)`,
    size: (min, max) => `"512KiB"、"1MiB" のようなサイズ、またはバイト数 (${min} から ${max} まで)`,
    number: (min, max, isWhole) => `${min} から ${max} までの${isWhole ? "整数" : "数"}`,
  },

  reasons: {
    missing: "存在しません",
    isFolder: "ディレクトリです",
    denied: "アクセスが許可されていません",
    unwritable: "ディレクトリに書き込めません",
    inUse: "このアドレスは使用中です",
  },

  code: {
    erasedOnly:
      "型は取り除かれるだけで、コンパイルはされません。enum、namespace、パラメータープロパティは使えません。",
    install: (name) =>
      `設定ファイルと同じ場所にインストールしてください: npm install ${name}。型は \`import type\` で読み込めます。`,
    compiled:
      "このビルドは設定ファイルのコードを実行できません。JSON か YAML で書くか、sync-agent.mjs を Deno か Node で実行してください。",
    denied: "Deno に拒否されました。コマンドラインで許可してください。",
    threw: (what) => `${what} が投げられました`,
  },

  allHere: (config, types) => fault(`${config} と ${types} はすでにあるため、そのままにしました`),
  cannotWrite: (path, reason) => fault(`${path} に書き込めません: ${reason}`),
  commaInPath: (path) => fault(`${path} を Deno に渡せません: "," はパスの区切りとして扱われます`),
  unknownPath: (path, revision, near) =>
    fault(
      `${path} は、リビジョン ${revision} にもディスク上にもありません`,
      near === null
        ? "リポジトリのルートまたは現在地からのパスを指定してください。"
        : `${near} の間違いではありませんか。`,
    ),
  damagedState: (path, reason) =>
    fault(
      `状態ファイル ${path} が壊れています: ${reason}`,
      "次の起動時に作り直します。繰り返し起きるときは、ディスクを確かめるか、--state で別の場所を指定してください。",
    ),
  cannotPrint: (reason) =>
    fault(`標準出力に書き込めません: ${reason}`, "リダイレクト先のディスクの空き容量を確かめてください。"),
  unreadableSite: (path, line) =>
    fault(
      `${path}:${line} を解析できません`,
      "プリセットは、何が非公開かをこのファイルから読み取ります。直すか、設定で別のプリセットを指定してください。",
    ),
  cannotReadArticles: (reason, hint) => fault(`記事を読めません: ${reason}`, hint),

  cannotReadState: (path, reason) =>
    fault(`状態ファイル ${path} を読めません: ${reason}`, "--state FILE で別のファイルを指定してください。"),
  cannotOpenState: (path, reason) =>
    fault(
      `状態ファイル ${path} を開けません: ${reason}`,
      "このユーザーが書き込めるディレクトリを --state か STATE_DIRECTORY で指定してください。--state :memory: なら保存せず、再起動のたびに忘れます。",
    ),
  stateInUse: (path) =>
    fault(
      `状態ファイル ${path} は別の sync-agent が使用中です`,
      "先にそれを停止するか、別の --state を指定してください。状況は sync-agent status で確認できます。",
    ),
  newerState: (path, found, known) =>
    fault(
      `状態ファイル ${path} は新しい版の sync-agent が書いたものです (スキーマ ${found})`,
      `この版が扱えるのはスキーマ ${known} までです。新しい版を使うか、別の --state を指定してください。`,
    ),
  newerDatabase: (path, found, known) =>
    fault(
      `${path} は使えません: 新しい版の sync-agent が作ったものです (スキーマ ${found}、この版は ${known} まで)`,
      "その版を使うか、別のファイルを指定してください。記事はもう一度送信されます。",
    ),
  foreignDatabase: (path) =>
    fault(
      `${path} は使えません: 別のプログラムのデータベースです`,
      "まだ存在しないファイルか、このインサーターが作ったファイルを指定してください。",
    ),
  cannotOpenDatabase: (path, reason) =>
    fault(
      `インサーターのデータベース ${path} を開けません: ${reason}`,
      '書き込めるフォルダーのファイルか ":memory:" を指定してください。',
    ),
  storeMissing: fault(
    "ストアのオプションには --store URL が必要です",
    "Elasticsearch か OpenSearch の URL を指定するか、これらのオプションを外してください。",
  ),
  twoStores: fault("--db と --store は同時に使えません", "どちらか一方を指定してください。"),
  storeKeyPair: fault(
    "--store-cert と --store-key は両方必要です",
    "両方を指定するか、両方とも外してください。",
  ),
  storeTwoAuths: fault(
    "認証情報が --store と --store-auth の両方にあります",
    "どちらか一方に指定してください。",
  ),
  unusableTokenFile: (path, reason) =>
    fault(`トークンファイル ${path} を使えません: ${reason}`, "トークンを 1 語だけ書き込んでください。"),
  unusableMapping: (path, reason) =>
    fault(
      `マッピング ${path} を使えません: ${reason}`,
      'インデックスを作成するときの本文と同じ JSON を書いてください: {"settings": {...}, "mappings": {...}}',
    ),
  cannotListen: (address, reason) =>
    fault(
      `${address} で待ち受けできません: ${reason}`,
      "別の HOST:PORT を指定してください。ポート 0 なら空いているポートを使います。",
    ),
  cannotServeStatus: (address, reason) =>
    fault(
      `${address} で状態を提供できません: ${reason}`,
      'status.listen に別の "HOST:PORT" を指定するか、そのアドレスを使っているプログラムを停止してください。',
    ),
  cannotServeAt: (path) =>
    fault(`${quoted(path)} では記事を提供できません`, '"/post" のようなパスを指定してください。'),
  wrongProxy: (variable) =>
    fault(
      `環境変数 ${variable} は http プロキシの URL ではありません`,
      "http://proxy.example.com:3128 のように設定するか、NO_PROXY にインサーターのホスト名を加えてください。",
    ),
};
