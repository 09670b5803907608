import type { HELP as EN } from "../en/help.ts";

export const HELP: typeof EN = {
  about: "sync-agent は、Git リポジトリの Markdown 記事と HTTP のインサーター API を同期し続けます。",
  usage: "使い方:",
  headings: {
    commands: "コマンド:",
    options: "オプション:",
    examples: "例:",
    exitCodes: "終了コード:",
    tryIt: "記事のリポジトリのクローンで、ほかに何も用意せずに試せます:",
  },
  tryIt: {
    "sync-agent plan": "何が公開され、何が間違っているかを表示",
    "sync-agent init": "設定ファイルのひな形を作成",
  },
  exitCodes: {
    0: "同期済み、問題なし",
    1: "公開できない、拒否された、保留中、または届いていない記事がある",
    2: "使い方か設定の誤り、または状態ファイルが使用中",
    3: "実行すべきことがある (plan --exit-code)",
  },
  more: '各コマンドの説明は "sync-agent COMMAND --help" で表示できます。',
  commands: {
    run: {
      summary: "リポジトリを追跡し、インサーターを同期し続ける (既定)",
      about: [
        "デーモンです。起動時にリポジトリとインサーターを一度比較し、その後は追跡を続けます。新しいリビジョンはすぐに検知し、ファイルシステムのイベントが届かない環境でもポーリングで検知します。リポジトリやインサーターがまだなければ待ちます。",
        "SIGTERM または SIGINT を受けると 5 秒以内に終了します。送信中のリクエストはできるだけ待ち、残りは未送信のまま次回の起動時に送信します。SIGHUP を受けると設定を読み直し、すべてを比較し直します。",
        "--worktree は執筆者向けのプレビューです。コミットの有無にかかわらずディスク上のファイルを、表示されたアドレスの内蔵のインサーターで確認できます。保存した内容はすぐにページへ反映され、記事の問題は行番号とともに表示されます。設定にかかわらず、何も保存せず、ほかのインサーターには接続しません。端末を閉じると終了します。",
      ],
      examples: {
        "sync-agent run --worktree": "書きながらプレビューする",
        "sync-agent": "このディレクトリの sync.config.ts を使う",
        "sync-agent run -r /git/link -i http://localhost:8081/post": "設定ファイルなしで実行する",
      },
    },
    once: {
      summary: "一度だけ同期し、結果を表示して終了する",
      about: [
        "すべてを比較し、足りないものを送信して、結果を表示します。cron、CI、動作確認に使います。公開できない、拒否された、保留中、または送信できなかった記事があれば、終了コードは 1 です。",
        "--allow-mass-delete を付けると、ブレーキ (prune.maxFraction) が止めている削除を承認します。承認されるのは出力された id だけで、1 回限りです。デーモンが動作中なら、その承認をデーモンに渡します。",
      ],
      examples: {
        "sync-agent once": "インサーターを同期する",
        "sync-agent once --full": "すべての記事を再送する",
        "sync-agent once --full intro faq --wait 2m": "2 つの記事を再送し、長めに待つ",
      },
    },
    plan: {
      summary: "once が行う内容と理由を表示する (変更はしない)",
      about: [
        "once が送信・削除する内容とその理由を表示します。状態ファイルもインサーターも変更しません。デーモンの動作中にも実行できます。",
        "差分のように表示します。+ は新規、~ は変更 (以前の版が Git に残っていれば、変わったキーも表示)、- は削除、! は公開できないか保留中、= は変更なしの再送です。",
        "--json は 1 つのオブジェクトを出力します: config、revision、note、planned (do、id、path、cause、why、fields)、kept (公開できないファイルのために残る id)、foreign (別の所有者の id)、findings (check と同じ形式)、brake、counts。一覧は id またはパスのバイト順です。",
      ],
      examples: {
        "sync-agent plan": "人が読む形式で表示する",
        "sync-agent plan --exit-code --json > plan.json": "スクリプト用: 実行すべきことがあれば 3",
      },
    },
    check: {
      summary: "設定とすべての記事を検証する",
      about: [
        "設定と、現在のリビジョンのすべての記事を検証します。どこにも接続しません。CI やエディターで使います。公開できない記事があれば、終了コードは 1 です。--format github はプルリクエストの行に印を付け、sarif はコードスキャンで使います。",
      ],
      examples: {
        "sync-agent check --worktree": "コミット前に、ディスク上のファイルを検証する",
        "sync-agent check --format github": "GitHub のワークフローで使う",
      },
    },
    explain: {
      summary: "ファイルが公開される、またはされない理由を説明する",
      about: [
        "ファイルが公開される、またはされない理由を説明します。対象にする、または除外するパターン、問題のある行、下書きか公開日待ちか、id がほかのファイルと重複していないか、インサーターに何があるかを表示します。",
      ],
      examples: {
        "sync-agent explain posts/intro.md": "リポジトリのルートまたは現在地からのパスを指定する",
      },
    },
    status: {
      summary: "デーモンまたは状態ファイルの情報を表示する",
      about: [
        "動作中のデーモンに status.listen 経由で問い合わせます。動作していなければ、状態ファイルを変更せずに読み取ります。",
        "パスか id、またはその一部を指定すると、その記事がインサーターにある、またはない理由と、エラーや警告を表示します。",
      ],
      examples: {
        "sync-agent status": "人が読む形式で表示する",
        "sync-agent status posts/intro.md": "この記事がない理由を調べる",
        "sync-agent status --exit-code --json": "/healthz の判定を終了コードにする",
      },
    },
    init: {
      summary: "リポジトリに合う sync.config.ts を作成する",
      about: [
        "リポジトリのファイルから、どのツール (Hugo、Jekyll、Zenn、Qiita、Hexo、Docusaurus、Astro、Eleventy、Nextra、Obsidian) のものかを判定し、そのプリセットを使う短い sync.config.ts と、エディター用の sync-agent.d.ts を作成します。既存のファイルは変更せず、Git が無視するファイルは調べません。その後、公開される記事の数と、公開できないファイルを表示します。",
        "--kubernetes と --deno は、既存の設定から導いた内容を表示するだけで、何も書き込みません。それぞれ、git-sync と並べて動かすためのマニフェストと、Deno に必要な権限を表示します。",
      ],
      examples: {
        "sync-agent init && sync-agent check": "何もない状態から、記事を検証するまで",
        "sync-agent init --kubernetes > sync-agent.yaml": "git-sync と並べて動かす (kubectl apply -f 用)",
        "sync-agent init --deno": "deno run に必要な最小の権限を表示する",
      },
    },
    inserter: {
      summary: "リファレンスのインサーターを提供する (SQLite、Elasticsearch、OpenSearch。全文検索)",
      about: [
        "SIGTERM を受けるまで、SQLite (--store を指定すれば Elasticsearch か OpenSearch) を使ってインサーター API を提供します。試用、テスト、記事の保管に使えます。インベントリー、バッチ、検索 (?q=語)、/openapi.json の OpenAPI 文書、/ の記事一覧ページがあります。",
      ],
      examples: {
        "sync-agent inserter --db articles.sqlite --listen 127.0.0.1:8081":
          "http://127.0.0.1:8081/post で提供する",
        "sync-agent inserter --store http://127.0.0.1:9200 --index articles": "検索エンジンに保存する",
      },
    },
    completion: {
      summary: "シェルの補完スクリプトを出力する",
      about: [
        "bash、zsh、fish でコマンドとオプションを補完するスクリプトを出力します。次のどちらかの行をシェルの設定ファイルに書いてください。",
      ],
      examples: {
        "source <(sync-agent completion bash)":
          "~/.bashrc に。zsh は bash を zsh に替え、~/.zshrc の compinit の後に",
        "sync-agent completion fish | source": "~/.config/fish/config.fish に",
      },
    },
  },
  options: {
    waitMs: "リポジトリとインサーターを待つ最長の時間 (30s)",
    full: "すべての記事、または指定した id の記事だけを再送する",
    allowMassDelete: "ブレーキが止めている削除を 1 回だけ承認する",
    exitCode: "plan: 実行すべきことがあれば 3 で終了。status: /healthz の判定で終了",
    worktree: "コミット済みではなく、ディスク上のファイルを使う",
    format: "pretty、json、github、sarif のいずれか (pretty)",
    strict: "check: エラーだけでなく警告があっても 1 で終了",
    db: "記事を保存する SQLite ファイル (既定: メモリー)",
    store: "SQLite の代わりに記事を保存する Elasticsearch または OpenSearch (1 つのクラスターのノード)",
    index: "インデックスの手前に置くエイリアス (articles)",
    storeAuth: 'user:password、または "ApiKey ..." のようなヘッダーの値を書いたファイル',
    storeCa: "信頼する認証局の PEM ファイル",
    storeCert: "クライアント証明書の PEM ファイル",
    storeKey: "その秘密鍵の PEM ファイル",
    storeTimeoutMs: "1 つのノードの応答を待つ最長の時間 (10s)",
    mapping: "独自の settings と mappings を書いた JSON ファイル",
    listen: "待ち受けるアドレス (127.0.0.1:8081)",
    allowedHosts: "Host ヘッダーで受け付ける名前 (ループバックではその名前に加えて)",
    tokenFile: "書き込みとインベントリーに必要なトークンのファイル",
    preset: "見つかったものではなく、このプリセットを使う: hugo、jekyll、zenn など",
    kubernetes: "設定に合うマニフェストを表示し、何も書き込まない",
    deno: "設定に合う deno run のフラグを表示し、何も書き込まない",
    config: "設定ファイル (既定: このディレクトリか上位の sync.config.*)",
    noConfig: "設定ファイルを探さない",
    repo: "Git リポジトリ、またはそれを指す git-sync のリンク",
    inserter: '同期するインサーター、または "embedded"',
    state: '状態ファイル、または ":memory:"',
    json: "結果を JSON で出力する",
    logLevel: "debug、info、warn、error のいずれか (info)",
    logFormat: "auto、pretty、json のいずれか (auto)",
    lang: "結果の言語: en または ja (既定: $LANG)",
    help: "ヘルプを表示する",
    version: "バージョンとリビジョンを表示する",
  },
};
