import type { Code, Kind, Sentence } from "../problems.ts";

/** What a value turned out to be, as Japanese names it. */
export const KINDS_JA: Record<Kind, string> = {
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

/** The Japanese catalogue; the compiler sees to it that no sentence of the English one is missing. */
export const SENTENCES_JA: Record<Code, Sentence> = {
  "missing-blob": {
    message: "このファイルの内容がリポジトリのオブジェクトにありません",
    hint: "--filter を付けずにクローンするか、足りないオブジェクトを取得してください。部分クローンにはファイルの内容がありません。",
  },
  "too-large": {
    message: "ファイルが {sizeBytes} バイトあり、上限の {maxBytes} バイトを超えています",
    hint: "ファイルを小さくするか、articles.maxSize を大きくしてください。",
  },
  "not-utf8": {
    message: "ここが正しい UTF-8 ではありません",
    hint: "ファイルを UTF-8 で保存してください。",
  },
  "utf-16": {
    message: "ファイルが UTF-8 ではなく UTF-16 です",
    hint: "UTF-8 で保存し直してください。UTF-16 を「Unicode」と呼ぶエディターもあります。",
  },
  "nul-byte": {
    message: "ファイルに NUL バイトが含まれています",
    hint: "そのバイトを取り除いてください。別の種類のファイルがこの名前で保存されていませんか。",
  },
  "unclosed-front-matter": {
    message: "ここから始まるフロントマターが閉じられていません",
    hint: "最後のキーの次に --- だけの行を加えてください。",
  },
  "front-matter-not-map": {
    message: "フロントマターが「キー: 値」の並びになっていません",
    hint: "--- の行の間に「キー: 値」を 1 行に 1 つずつ書いてください。コロンの後には空白が必要です。",
  },
  "front-matter-too-deep": {
    message: "フロントマターの入れ子が {depth} 段より深いか、自分自身を含んでいます",
    hint: "構造を浅くしてください。アンカー(&名前)の中に同じ名前のエイリアス(*名前)がないか確かめてください。",
  },
  "front-matter-too-big": {
    message: "フロントマターのエイリアスを展開すると、データが大きくなりすぎます",
    hint: "互いに掛け合わさるエイリアス(*名前)やマージ(<<)を取り除いてください。",
  },
  "front-matter-too-slow": {
    message: "フロントマターの読み取りに {seconds} 秒を超える時間がかかりました",
    hint: "単純にしてください。極端な入れ子や、とても長い空白の連なりが原因です。",
  },
  "yaml-syntax": {
    message: "フロントマターが YAML として正しくありません: {reason}",
    hint: "値に : # @ ` [ ] { } * & ! % などの文字が含まれるなら、引用符で囲んでください。",
  },
  "yaml-duplicate-key": {
    message: "キー {key} が 2 回書かれています",
    hint: "どちらか 1 行だけを残してください。",
  },
  "yaml-colon-in-value": {
    message: "値にコロンと空白が含まれ、YAML では別のキーになってしまいます",
    hint: "値全体を引用符で囲んでください。",
  },
  "yaml-colon-blank": {
    message: "{key} のコロンの後に空白がありません",
    hint: "「{key}: 値」のように書いてください。",
  },
  "yaml-wide-colon": {
    message: "{key} の後のコロンが全角です。YAML では普通の文字として扱われます",
    hint: "半角のコロンと半角の空白で「{key}: 値」と書いてください。",
  },
  "yaml-wide-blank": {
    message: "ここに全角空白か改行しない空白があります。YAML では普通の文字として扱われます",
    hint: "半角の空白に置き換えてください。",
  },
  "yaml-after-value": {
    message: "終わった値の後に余分なものがあります",
    hint: "値全体を引用符で囲んでください。'...' の中の引用符は 2 つ重ねて書きます。",
  },
  "yaml-reserved": {
    message: "値を {character} で始めることはできません",
    hint: "値を引用符で囲んでください。",
  },
  "yaml-indentation": {
    message: "ここの字下げでは構造を決められません",
    hint: "同じ段のキーや項目の字下げをそろえてください。値に「: 」が含まれるなら引用符で囲んでください。",
  },
  "yaml-tab": {
    message: "行がタブで字下げされています。YAML ではタブを使えません",
    hint: "空白で字下げしてください。",
  },
  "yaml-unclosed-quote": {
    message: "引用符で囲んだ値が閉じられていません",
    hint: '引用符を閉じてください。"..." の中の引用符は \\"、\'...\' の中の引用符は 2 つ重ねて書きます。',
  },
  "yaml-unclosed-bracket": {
    message: "[ ] のリストか { } のマップが閉じられていないか、コンマが足りません",
    hint: "閉じて、項目の間にコンマを入れてください。文字列のつもりなら引用符で囲んでください。",
  },
  "yaml-alias": {
    message: "* で始まる値は YAML ではエイリアスになりますが、その名前のアンカーがありません",
    hint: "値を引用符で囲んでください。",
  },
  "yaml-tag": {
    message: "! で始まる値は YAML ではタグになりますが、知らないタグです",
    hint: "値を引用符で囲んでください。",
  },
  "yaml-colon": {
    message: "この行は「キー: 値」の形になっていません",
    hint: "キーの後にコロンと空白を入れてください。複数行の文章は引用符で囲むか、「キー: |」の下に書いてください。",
  },
  "yaml-control-character": {
    message: "ここに目に見えない制御文字があります",
    hint: "削除してください。よそから文章を写すときに紛れ込むことがあります。",
  },
  "yaml-escape": {
    message: '"..." の中に YAML の知らないバックスラッシュの書き方があります',
    hint: "バックスラッシュそのものは \\\\ と書くか、一重引用符を使ってください。",
  },
  "yaml-line-break": {
    message: "区切りの前に特殊な改行(U+2028、U+2029、単独の復帰文字)があります",
    hint: "普通の改行か空白に置き換えてください。",
  },
  "yaml-two-documents": {
    message: "フロントマターに 2 つ目の YAML 文書が含まれています",
    hint: "その行の --- に続く部分を取り除いてください。",
  },
  "missing-key": {
    message: "{key} がありません",
    hint: "フロントマターに「{key}: ...」の行を加えてください。",
  },
  "missing-key-near": {
    message: "{key} がありません。{near} ならあります",
    hint: "{near} を {key} に直してください。キーの大文字と小文字は区別されます。",
  },
  "empty-key": {
    message: "{key} が空です",
    hint: "「{key}:」の後に値を書いてください。",
  },
  "not-text": {
    message: "{key} は文字列でなければなりませんが、{found}です",
    hint: "文字列のつもりなら引用符で囲んでください。",
  },
  "not-date": {
    message: "{key} は日付でなければなりませんが、{found}です",
    hint: "2020-08-07、2020/08/07、2020-08-07T09:30:00+09:00 のように書いてください。",
  },
  "not-boolean-text": {
    message: "{key} は true か false でなければなりませんが、文字列「{value}」です",
    hint: "引用符なしで「{key}: true」か「{key}: false」と書いてください。yes、no、on、off はここでは文字列です。",
  },
  "not-boolean": {
    message: "{key} は true か false でなければなりませんが、{found}です",
    hint: "引用符なしで「{key}: true」か「{key}: false」と書いてください。yes、no、on、off はここでは文字列です。",
  },
  "not-list-text": {
    message: "{key} は語のリストでなければなりませんが、文字列「{value}」です",
    hint: "「{key}: [{list}]」と書くか、「{key}:」の下の行に「- 項目」を 1 つずつ書いてください。",
  },
  "not-list": {
    message: "{key} は語のリストでなければなりませんが、{found}です",
    hint: "「{key}: [一つ目, 二つ目]」と書くか、「{key}:」の下の行に「- 項目」を 1 つずつ書いてください。",
  },
  "not-scalar": {
    message: "{key} の項目は文字列でなければなりませんが、これは{found}です",
    hint: "項目に : が含まれるか、[ や { で始まるなら、引用符で囲んでください。",
  },
  "bad-date": {
    message: "{key} が日付ではありません: {value}",
    hint: "2020-08-07、2020/08/07、2020-08-07T09:30:00+09:00 のように書いてください。",
  },
  "no-such-date": {
    message: "{key} は存在しない日時です: {value}",
    hint: "月、日、時刻、時差を確かめてください。",
  },
  "missing-external-url": {
    message: "isExternal が true なのに externalURL がありません",
    hint: "「externalURL: https://...」を加えるか、isExternal を取り除いてください。",
  },
  "unsafe-id-dots": {
    message: "id「{id}」は URL に使えません",
    hint: "点だけではない id にしてください。",
  },
  "unsafe-id-control": {
    message: "id に制御文字か改行が含まれています",
    hint: "英数字と - と _ で id を付けてください。",
  },
  "unsafe-id-long": {
    message: "id が UTF-8 で {sizeBytes} バイトあり、上限の {maxBytes} バイトを超えています",
    hint: "もっと短い id にしてください。",
  },
  "unpaired-surrogate": {
    message: "{key} に半端な文字(対になっていないサロゲート)が含まれています",
    hint: "文字そのものを書くか、\\u の組を両方とも書いてください。",
  },
  "hook-failed": {
    message: "フック articles.{hook} が失敗しました: {message}",
    hint: "設定ファイルのフックを直すか、フックが受け付けるように記事を直してください。",
  },
  "hook-late": {
    message: "フック articles.{hook} が {seconds} 秒以内に終わりませんでした",
    hint: "フックを速くし、待っている処理が必ず終わるようにしてください。",
  },
  "hook-result": {
    message: "フック articles.{hook} はオブジェクトを返さなければなりませんが、{found}を返しました",
    hint: "フックからオブジェクトを返してください。articles.map は、公開しないときに null も返せます。",
  },
  "schema-issue": {
    message: "articles.schema が {key} を受け付けません: {message}",
    hint: "スキーマが受け付ける値にするか、スキーマを直してください。",
  },
  "schema-refuses": {
    message: "articles.schema がフロントマターを受け付けません: {message}",
    hint: "スキーマが受け付けるフロントマターにするか、スキーマを直してください。",
  },
  "map-id": {
    message: "articles.map の返すペイロードには文字列の id が必要ですが、{found}です",
    hint: "{ ...article.payload, id: ... } のように、記事の id を付けて返してください。",
  },
  "not-json": {
    message: "{key} は JSON で表せません: {found}です",
    hint: "フックからは文字列、数値、真偽値、リスト、単純なオブジェクト、null だけを返してください。",
  },
  "html-too-large": {
    message: "HTML が Markdown の {times} 倍より長くなります",
    hint: "長いリンク定義を何度も参照しないでください。",
  },
  "markdown-too-complex": {
    message: "Markdown の要素が {count} 個を超えています",
    hint: "記事を分けるか、機械的に作られた部分を取り除いてください。",
  },
  "render-failed": {
    message: "Markdown を変換できませんでした: {message}",
    hint: "入れ子がいちばん深いところを単純にしてください。",
  },
  "render-too-slow": {
    message: "Markdown の変換に {seconds} 秒を超える時間がかかりました",
    hint: "閉じていない括弧や引用、入れ子のリスト、空白やバッククォートの連なりがとても多くないか確かめてください。",
  },
  "examination-failed": {
    message: "ファイルを調べられませんでした: {message}",
    hint: "sync-agent かフックの返したオブジェクトの不具合です。ファイルを添えて知らせてください。",
  },
  "duplicate-id": {
    message: "id「{id}」はすでに {path} が使っています",
    hint: "どちらかに別の id を付けてください。",
  },
  "no-front-matter": {
    message: "フロントマターがありません。ファイルが --- の行とその下のキーで始まっていません",
    hint: "公開するなら先頭に --- の行とキーを置いてください。公開しないなら articles.exclude で除いてください。",
  },
  "toml-front-matter": {
    message: "フロントマターが TOML(+++)です。TOML は読みません",
    hint: "--- の行の間に YAML で書いてください。",
  },
  "lfs-pointer": {
    message: "ファイルは文章そのものではなく、Git LFS のポインターです",
    hint: "記事を LFS に入れないでください。内容がリポジトリに残りません。",
  },
  symlink: {
    message: "このパスはシンボリックリンクです。リンクはたどりません",
    hint: "ファイルそのものを置いてください。",
  },
  submodule: {
    message: "このパスはサブモジュールです。サブモジュールの中は見ません",
    hint: "そのリポジトリには別のエージェントを用意してください。",
  },
  "front-matter-not-first": {
    message: "記事のようですが、フロントマターが 1 行目から始まっていません",
    hint: "1 行目を --- だけにし、その前に何も置かないでください。",
  },
  "description-missing": {
    message: "description がありません",
    hint: "「description: ...」を加えてください。一覧や検索結果に表示されます。",
  },
  "date-far-future": {
    message: "{key} が 1 年以上先です: {value}",
    hint: "年を確かめてください。",
  },
  "near-key": {
    message: "キー {near} には意味がありません。{key} にはあります",
    hint: "そのつもりなら {near} を {key} に直してください。キーの大文字と小文字は区別されます。",
  },
  "comment-in-value": {
    message: "# から後ろはコメントになり、{key} に含まれません",
    hint: "# も値の一部なら、値を引用符で囲んでください。",
  },
  "image-missing": {
    message: "画像 {target} がリポジトリにありません",
    hint: "画像をコミットするか、パスを直してください。大文字と小文字は区別されます。",
  },
  "link-missing": {
    message: "リンク {target} の先のファイルがリポジトリにありません",
    hint: "パスを直してください。大文字と小文字は区別されます。",
  },
  "link-unpublished": {
    message: "リンク {target} の先の記事は公開されていません",
    hint: "その記事も公開するか、リンクを取り除いてください。",
  },
};
