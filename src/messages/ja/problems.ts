import type { KINDS as KINDS_EN, PROBLEMS as PROBLEMS_EN } from "../en/problems.ts";

export const KINDS: typeof KINDS_EN = {
  tables: "表",
  "strike-through": "取り消し線",
  "task lists": "タスクリスト",
  footnotes: "脚注",
  alerts: "アラート (> [!NOTE])",
  "bare links": "山括弧のない URL",
  math: "数式",
  containers: "コンテナ記法 (:::)",
  templates: "テンプレートのタグ ({% … %}、{{ … }})",
  shortcodes: "ショートコード ({{< … >}})",
  "wiki links": "Wiki リンク ([[…]])",
  components: "コンポーネント (<Name>)",
  "relative links": "相対リンク",
  text: "文字列",
  number: "数値",
  boolean: "真偽値",
  date: "日付",
  list: "リスト",
  map: "マップ",
  null: "空",
  function: "関数",
  bigint: "BigInt",
  symbol: "シンボル",
  undefined: "undefined",
  "not-finite": "有限でない数値",
  "invalid-date": "無効な日付",
  cycle: "自分自身を含む値",
  promise: "Promise(`await` の書き忘れではありませんか)",
  object: "単純なデータではないオブジェクト",
};

/** 記事だったのにフロントマターを読めなくなったファイルに添える。 */
const RETIRE = "それまで公開済みの版が残ります。公開をやめるには、ファイルを削除するか除外してください。";

/** ヒントの後に続く、正しい行。 */
export const CORRECTED: string = "正しくは: {fix}";

export const PROBLEMS: typeof PROBLEMS_EN = {
  "missing-blob": `このファイルの内容がリポジトリのオブジェクトにありません
    --filter を付けずにクローンするか、足りないオブジェクトを取得してください。部分クローンにはファイルの内容がありません。`,
  "too-large": `ファイルが {sizeBytes} バイトあり、上限の {maxBytes} バイトを超えています
    ファイルを小さくするか、articles.maxSize を大きくしてください。`,
  "not-utf8": `ここが正しい UTF-8 ではありません
    ファイルを UTF-8 で保存してください。`,
  "other-encoding": `ファイルの文字コードが UTF-8 ではなく {encoding} です
    UTF-8 で保存し直してください。ここに示した行は {encoding} として読んだものです。`,
  "utf-16": `ファイルが UTF-8 ではなく UTF-16 です
    UTF-8 で保存し直してください。UTF-16 を「Unicode」と呼ぶエディターもあります。`,
  "nul-byte": `ファイルに NUL バイトが含まれています
    そのバイトを取り除いてください。別の種類のファイルがこの名前で保存されていませんか。`,
  "unclosed-front-matter": `ここから始まるフロントマターが閉じられていません
    最後のキーの次に {fence} だけの行を加えてください。`,
  "front-matter-not-map": `フロントマターが「キー: 値」の並びになっていません
    --- の行の間に「キー: 値」を 1 行に 1 つずつ書いてください。コロンの後には半角スペースが必要です。`,
  "front-matter-too-deep": `フロントマターの入れ子が {depth} 段より深いか、自分自身を含んでいます
    構造を浅くしてください。アンカー(&名前)の中に同じ名前のエイリアス(*名前)がないか確かめてください。`,
  "front-matter-too-big": `フロントマターのエイリアスを展開すると、データが大きくなりすぎます
    互いに掛け合わさるエイリアス(*名前)やマージ(<<)を取り除いてください。`,
  "front-matter-too-slow": `フロントマターの読み取りに {seconds} 秒を超える時間がかかりました
    単純にしてください。極端な入れ子や、とても長いスペースの連なりが原因です。`,
  "yaml-syntax": `フロントマターが YAML として正しくありません: {reason}
    値に : # @ \` [ ] { } * & ! % などの文字が含まれるなら、引用符で囲んでください。`,
  "toml-syntax": `フロントマターが TOML として正しくありません: {reason}
    +++ の行の間に「キー = "文字列"」を 1 行に 1 つずつ書いてください。文字列は引用符で囲み、[params] のようなテーブルは最後に置きます。`,
  "json-syntax": `フロントマターが JSON として正しくありません: {found} がありますが、{expected} が必要です
    キーと文字列は二重引用符で囲み、要素の間にカンマを置き、最後の要素の後には置かないでください。`,
  "yaml-duplicate-key": `キー {key} が 2 回書かれています
    どちらか 1 行だけを残してください。`,
  "yaml-colon-in-value": `値にコロンと半角スペースが含まれ、YAML では別のキーになってしまいます
    値全体を引用符で囲んでください。`,
  "yaml-colon-blank": `{key} のコロンの後に半角スペースがありません
    「{key}: 値」のように書いてください。`,
  "yaml-wide-colon": `{key} の後のコロンが全角です。YAML では普通の文字として扱われます
    半角のコロンと半角スペースで「{key}: 値」と書いてください。`,
  "yaml-wide-blank": `ここに全角スペースかノーブレークスペースがあります。YAML では普通の文字として扱われます
    半角スペースに置き換えてください。`,
  "yaml-after-value": `終わった値の後に余分なものがあります
    値全体を引用符で囲んでください。'...' の中の引用符は 2 つ重ねて書きます。`,
  "yaml-reserved": `値を {character} で始めることはできません
    値を引用符で囲んでください。`,
  "yaml-indentation": `ここの字下げでは構造を決められません
    同じ段のキーや項目の字下げをそろえてください。値に「: 」が含まれるなら引用符で囲んでください。`,
  "yaml-tab": `行がタブで字下げされています。YAML ではタブを使えません
    半角スペースで字下げしてください。`,
  "yaml-unclosed-quote": `引用符で囲んだ値が閉じられていません
    引用符を閉じてください。"..." の中の引用符は \\"、'...' の中の引用符は 2 つ重ねて書きます。`,
  "yaml-unclosed-bracket": `[ ] のリストか { } のマップが閉じられていないか、コンマが足りません
    閉じて、項目の間にコンマを入れてください。文字列のつもりなら引用符で囲んでください。`,
  "yaml-alias": `* で始まる値は YAML ではエイリアスになりますが、その名前のアンカーがありません
    値を引用符で囲んでください。`,
  "yaml-tag": `! で始まる値は YAML ではタグになりますが、知らないタグです
    値を引用符で囲んでください。`,
  "yaml-colon": `この行は「キー: 値」の形になっていません
    キーの後にコロンと半角スペースを入れてください。複数行の文章は引用符で囲むか、「キー: |」の下に書いてください。`,
  "yaml-control-character": `ここに目に見えない制御文字があります
    削除してください。よそから文章を写すときに紛れ込むことがあります。`,
  "yaml-escape": `"..." の中に YAML の知らないバックスラッシュの書き方があります
    バックスラッシュそのものは \\\\ と書くか、一重引用符を使ってください。`,
  "yaml-line-break": `区切りの前に特殊な改行(U+2028、U+2029、単独の復帰文字)があります
    普通の改行か半角スペースに置き換えてください。`,
  "yaml-two-documents": `フロントマターに 2 つ目の YAML 文書が含まれています
    その行の --- に続く部分を取り除いてください。`,
  "missing-key": `{key} がありません
    フロントマターに「{key}: ...」の行を加えてください。`,
  "missing-key-near": `{key} がありません。{near} ならあります
    {near} を {key} に直してください。キーの大文字と小文字は区別されます。`,
  "missing-key-indented": `{key} がありません。行が字下げされているため、上の行の一部になっています
    行の先頭の空白を削除してください。`,
  "key-invisible": `キーの名前に目に見えない文字 {character} が含まれていて、{key} になりません
    その文字を削除するか、キーを入力し直してください。`,
  "empty-key": `{key} が空です
    「{key}:」の後に値を書いてください。`,
  "not-text": `{key} は文字列でなければなりませんが、{found}です
    文字列のつもりなら引用符で囲んでください。`,
  "not-date": `{key} は日付でなければなりませんが、{found}です
    2020-08-07、2020/08/07、2020-08-07T09:30:00+09:00 のように書いてください。`,
  "not-boolean-text": `{key} は true か false でなければなりませんが、文字列「{value}」です
    引用符なしで「{key}: true」か「{key}: false」と書いてください。yes、no、on、off はここでは文字列です。`,
  "not-boolean": `{key} は true か false でなければなりませんが、{found}です
    引用符なしで「{key}: true」か「{key}: false」と書いてください。yes、no、on、off はここでは文字列です。`,
  "near-draft": `{key} は draft の書き間違いのようなので、記事を公開しません
    下書きなら「draft: true」と書いてください。別の意味のキーなら名前を変えると公開されます。`,
  "not-public": `{key} が「{value}」なので、記事を公開しません
    そのつもりなら「draft: true」と書いてください。公開するなら行を取り除くか、判断に使うキーを articles.keys.draft に並べるか、articles.attributes で取り除いてください。`,
  "not-list-text": `{key} は語のリストでなければなりませんが、文字列「{value}」です
    「{key}: [{list}]」と書くか、「{key}:」の下の行に「- 項目」を 1 つずつ書いてください。`,
  "not-list": `{key} は語のリストでなければなりませんが、{found}です
    「{key}: [一つ目, 二つ目]」と書くか、「{key}:」の下の行に「- 項目」を 1 つずつ書いてください。`,
  "not-scalar": `{key} の項目は文字列でなければなりませんが、これは{found}です
    項目に : が含まれるか、[ や { で始まるなら、引用符で囲んでください。`,
  "bad-date": `{key} が日付ではありません: {value}
    2020-08-07、2020/08/07、2020-08-07T09:30:00+09:00 のように書いてください。`,
  "no-such-date": `{key} は存在しない日時です: {value}
    月、日、時刻、タイムゾーンを確かめてください。`,
  "missing-external-url": `isExternal が true なのに externalURL がありません
    「externalURL: https://...」を加えるか、isExternal を取り除いてください。`,
  "bad-url": `{key} が Web の URL ではありません: {value}
    https://example.com/post のように、空白を入れずに全体を書いてください。`,
  "unsafe-cover": `{key} が画像ではありません: {value}
    画像のパスか URL を書いてください。`,
  "unsafe-id-dots": `id「{id}」は URL に使えません
    点だけではない id にしてください。`,
  "unsafe-id-control": `id に制御文字か改行が含まれています
    英数字と - と _ で id を付けてください。`,
  "unsafe-id-long": `id が UTF-8 で {sizeBytes} バイトあり、上限の {maxBytes} バイトを超えています
    もっと短い id にしてください。`,
  "unpaired-surrogate": `{key} に半端な文字(対になっていないサロゲート)が含まれています
    文字そのものを書くか、\\u の組を両方とも書いてください。`,
  "hook-failed": `フック articles.{hook} が失敗しました: {message}
    設定ファイルのフックを直すか、フックが受け付けるように記事を直してください。`,
  "hook-late": `フック articles.{hook} が {seconds} 秒以内に終わりませんでした
    フックを速くし、待っている処理が必ず終わるようにしてください。`,
  "hook-result": `フック articles.{hook} はオブジェクトを返さなければなりませんが、{found}を返しました
    フックからオブジェクトを返してください。articles.map は、公開しないときに null も返せます。`,
  "link-hook-result": `articles.links の関数はアドレスを文字列で返さなければなりませんが、{found}を返しました
    関数に渡されたパスのように、文字列を返してください。`,
  "schema-issue": `articles.schema が {key} を受け付けません: {message}
    スキーマが受け付ける値にするか、スキーマを直してください。`,
  "schema-refuses": `articles.schema がフロントマターを受け付けません: {message}
    スキーマが受け付けるフロントマターにするか、スキーマを直してください。`,
  "map-id": `articles.map の返すペイロードには文字列の id が必要ですが、{found}です
    { ...article.payload, id: ... } のように、記事の id を付けて返してください。`,
  "not-json": `{key} は JSON で表せません: {found}です
    フックからは文字列、数値、真偽値、リスト、単純なオブジェクト、null だけを返してください。`,
  "html-too-large": `HTML が Markdown の {times} 倍より長くなります
    長いリンク定義を何度も参照しないでください。`,
  "outline-too-large": `本文から取り出したテキスト、リンク、画像の合計が記事の長さの {times} 倍を超えています
    画像の代替テキストの中に画像を入れたり、長いリンク定義を何度も参照したりしないでください。`,
  "markdown-too-complex": `Markdown の要素が {count} 個を超えています
    記事を分けるか、機械的に作られた部分を取り除いてください。`,
  "render-failed": `Markdown を変換できませんでした: {message}
    入れ子がいちばん深いところを単純にしてください。`,
  "render-later": `時間がかかるため、ほかの記事を先に処理しています
    このままお待ちください。次に、時間の余裕を増やして処理します。`,
  "render-too-slow": `Markdown の変換に {seconds} 秒を超える時間がかかりました
    閉じていない括弧や引用、入れ子のリスト、スペースやバッククォートの連なりがとても多くないか確かめてください。`,
  "examination-failed": `ファイルを解析できませんでした: {message}
    sync-agent かフックの返したオブジェクトの不具合です。ファイルを添えて知らせてください。`,
  "duplicate-id": `id「{id}」はすでに {path} が使っています
    どちらかに別の id を付けてください。`,
  "similar-id": `id「{id}」と {path} の「{other}」は、大文字・小文字か Unicode 正規化の違いしかありません
    この違いを区別しない保存先では片方の記事しか残りません。どちらかに別の id を付けてください。`,
  "no-front-matter": `フロントマターがありません。ファイルが --- の行とその下のキーで始まっていません
    公開するなら先頭に --- の行とキーを置いてください。公開しないなら articles.exclude で除いてください。`,
  "glob-unmatched": `articles.{key}:「{glob}」に一致するパスがこのリビジョンにありません
    glob はリポジトリのルートからの相対パスで、大文字と小文字を区別します。`,
  "front-matter-lost": `記事だったファイルから、フロントマターが読み取れなくなりました
    最後に正しく読めた版が公開されたままです。先頭に --- の行とキーを書き直してください。記事を取り下げるなら、ファイルを削除するか articles.exclude で除いてください。`,
  "toml-front-matter": `フロントマターが TOML(+++)です。TOML は読みません
    --- の行の間に YAML で書いてください。`,
  "lfs-pointer": `ファイルは文章そのものではなく、Git LFS のポインターです
    記事を LFS に入れないでください。内容がリポジトリに残りません。`,
  symlink: `このパスはシンボリックリンクです。リンクはたどりません
    ファイルそのものを置いてください。`,
  submodule: `このパスはサブモジュールです。サブモジュールの中は見ません
    そのリポジトリには別のエージェントを用意してください。`,
  "front-matter-not-first": `記事のようですが、フロントマターが 1 行目から始まっていません
    1 行目を --- だけにし、その前に何も置かないでください。`,
  "slip-empty": `ファイルが空になっています。以前は記事でした
    本文を戻してください。${RETIRE}`,
  "slip-late": `フロントマターが 1 行目から始まっていません
    この --- より前にあるものを、空行も含めて取り除いてください。${RETIRE}`,
  "slip-indented": `--- の前に空白があります
    空白を取り除き、この行を --- だけにしてください。${RETIRE}`,
  "slip-invisible": `最初の --- の行に目に見えない文字({character})があります
    行を消して --- を打ち直すか、BOM なしの UTF-8 で保存し直してください。${RETIRE}`,
  "slip-dashes": `フロントマターが --- ではなく {found} で始まっています
    この行を半角の --- だけにしてください。${RETIRE}`,
  "slip-typed": `この行に --- 以外のものがあります: {found}
    この行を --- だけにしてください。${RETIRE}`,
  "slip-fence-lost": `フロントマターの前の --- がありません
    1 行目(キーの上)に --- と書いてください。${RETIRE}`,
  "slip-conflict": `先頭の行にマージの競合が残っています
    どちらかを選び、<<<<<<<、=======、>>>>>>> の行を消してください。${RETIRE}`,
  "slip-comment": `フロントマターの前に HTML コメントがあります
    2 つ目の --- より下へ移すか、--- の間に # で始まる行として書いてください。${RETIRE}`,
  "slip-line-ends": `改行が復帰文字(CR)だけになっています
    改行を LF か CRLF にして保存し直してください。${RETIRE}`,
  "slip-unknown": `フロントマターがなくなっています。以前は記事でした
    --- の行、キー、もう一度 --- の行、の順で始めてください。${RETIRE}`,
  "description-missing": `description がありません
    「description: ...」を加えてください。一覧や検索結果に表示されます。`,
  "date-far-future": `{key} が 1 年以上先です: {value}
    年を確かめてください。`,
  "read-on-disk": `ディスク上のファイルを読みました。Git はこれを変換してコミットします(.gitattributes の {attribute})
    公開されるのはコミットの内容です。--worktree を付けずに調べてください。`,
  "near-key": `キー {near} は使われません。{key} の間違いではありませんか
    そのつもりなら {near} を {key} に直してください。キーの大文字と小文字は区別されます。`,
  "comment-in-value": `# から後ろはコメントになり、{key} に含まれません
    # も値の一部なら「{line}」と書いてください。`,
  "curly-quotes": `{key} の “ ” は値の一部になります
    取り除くか、半角の " で囲んでください。`,
  "fence-unclosed": `ここで始まるコードが閉じられていないため、これより下がすべてコードになります
    コードの後に {mark} の行を加えてください。`,
  "date-ahead": `{key} が未来の日時ですが、記事はすぐに公開されます: {value}
    日付を待って公開するなら articles.future: "schedule" と設定するか、publishDate: {value} と書いてください。`,
  "tags-wide-comma": `全角の読点やコンマではタグが区切られません
    「tags: [{list}]」と書いてください。`,
  "key-unused": `{near} は使われず、{key} もありません
    {near} を {key} に直すか、articles.keys.{key}: ["{key}", "{near}"] と設定してください。`,
  "tag-odd": `タグが文のように長くなっています: {value}
    「tags: [one, two]」のように短いタグにしてください。文は description に書けます。`,
  "tags-twice": `同じタグが 2 つあります
    「tags: [{list}]」と書いてください。`,
  "image-missing": `画像 {target} がリポジトリにありません
    画像をコミットするか、パスを直してください。大文字と小文字は区別されます。`,
  "html-left-out": `ページから取り除かれる HTML があります: {names}
    Markdown で書いてください。articles.html: "raw" にすると、HTML はスクリプトも含めてそのまま公開されます。`,
  "unrendered-gfm": `{count} 件の記事が{found}を使っていますが、CommonMark では表示されません: {examples}
    articles.markdown: "gfm" を指定してください。`,
  "unrendered-off": `{count} 件の記事が{found}を使っていますが、書かれたままの文字で表示されます: {examples}
    articles.{key}: true を指定してください。`,
  "unrendered-other": `{count} 件の記事が{found}を使っていますが、書かれたままの文字で表示されます: {examples}
    別のツールが展開する記法です。Markdown で書くか、articles.map でペイロードを変えてください。`,
  "unrendered-links": `{count} 件の記事に、公開したページからはたどれない相対リンクや相対パスの画像があります: {examples}
    articles.links でリンク先を指定してください。`,
  "link-missing": `リンク {target} の先のファイルがリポジトリにありません
    パスを直してください。大文字と小文字は区別されます。`,
  "link-unpublished": `リンク {target} の先の記事は公開されていません
    その記事も公開するか、リンクを取り除いてください。`,
};
