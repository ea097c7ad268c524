/* Colours for code. A language is a list of patterns that are tried at each place; each takes time
   for what it matches only, so that the whole takes time for the length. */

// Longer code is shown in one colour.
const longestColoured = 100_000;

// What a pattern looks at beyond what it matches is less than this.
const longestLookAhead = 64;

/** Code that is shown in an element. While it grows, pieces that cannot change are kept. */
class ColouredCode {
  constructor(host, language) {
    this.host = host;
    this.rules = rulesOf(language);
    this.text = "";
    // The nodes, and where in the text each begins.
    this.pieces = [];
  }

  update(text) {
    const isColoured = this.rules && text.length <= longestColoured;
    const kept = isColoured && text.startsWith(this.text) ? this.settled() : 0;
    for (const { node } of this.pieces.splice(kept)) node.remove();
    const last = this.pieces.at(-1);
    const from = last ? last.begin + last.node.textContent.length : 0;
    this.text = isColoured ? text : "";
    for (const [begin, piece] of isColoured ? this.read(text, from) : [[0, text]]) {
      const node = typeof piece === "string" ? document.createTextNode(piece) : piece;
      this.host.append(node);
      this.pieces.push({ begin, node });
    }
  }

  /** How many pieces stay as they are, whatever follows: those before the last line, and so far
      before the end that no pattern saw it. */
  settled() {
    const line = this.text.lastIndexOf("\n");
    const sure = Math.min(line, this.text.length - longestLookAhead);
    let kept = this.pieces.length;
    while (kept > 0 && this.endOf(kept - 1) > sure) kept -= 1;
    return kept;
  }

  endOf(index) {
    return this.pieces[index + 1]?.begin ?? this.text.length;
  }

  /** The pieces from a place on, each with where it begins. */
  *read(code, from) {
    const { pattern, kinds, words } = this.rules;
    let at = from;
    pattern.lastIndex = from;
    for (let found; (found = pattern.exec(code));) {
      if (found.index > at) yield [at, code.slice(at, found.index)];
      const kind = kinds[found.slice(1).findIndex((group) => group !== undefined)];
      yield [found.index, codePiece(kind, found[0], words)];
      at = found.index + found[0].length;
      pattern.lastIndex = at;
    }
    if (at < code.length) yield [at, code.slice(at)];
  }
}

function codePiece(kind, text, words) {
  const isWord = kind === "word" || kind === "call";
  const name = isWord && words.has(text) ? "keyword" : kind === "word" ? "" : kind;
  if (!name) return text;
  const piece = element("span", text);
  piece.className = `code-${name}`;
  return piece;
}

const codePatterns = {
  doubled: /"(?:[^"\\\n]|\\[^])*"?/,
  single: /'(?:[^'\\\n]|\\[^])*'?/,
  // A quote may also begin a lifetime, or a digit separator.
  letter: /'(?:[^'\\\n]|\\[^\n]{1,8})'/,
  backquoted: /`(?:[^`\\]|\\[^])*`?/,
  tripled: /"""[^]*?(?:"""|(?![^]))|'''[^]*?(?:'''|(?![^]))/,
  slashes: /\/\/.*|\/\*[^]*?(?:\*\/|(?![^]))/,
  hash: /(?<![\w$&])#.*/,
  block: /\/\*[^]*?(?:\*\/|(?![^]))/,
  dashes: /--.*|\{-[^]*?(?:-\}|(?![^]))/,
  number: /\b(?:0[xXbBoO][\da-fA-F_]+|\d[\d_]*(?:\.\d[\d_]*)?(?:[eE][+-]?\d+)?)[a-zA-Z]{0,3}\b/,
  call: /[\p{L}_$][\p{L}\p{N}_$]*(?=\()/u,
  word: /[\p{L}_$][\p{L}\p{N}_$]*/u,
  decorator: /@[\p{L}_][\p{L}\p{N}_.]*/u,
  variable: /\$(?:\{[^}\n]*\}?|\w+|[#?@*!$])/,
};

const commonWords = `break case catch class const continue default do else enum false finally for if
  import in new null return static super switch this throw true try while`;

// Each language: its other names, its words, and its patterns in the order in which they are tried.
const languages = [
  { names: "js javascript jsx mjs ts typescript tsx",
    words: `${commonWords} abstract any as async await boolean declare delete export extends from
      function get implements instanceof interface keyof let never number of private protected public
      readonly set string type typeof undefined unknown var void yield`,
    strings: "backquoted doubled single", comments: "slashes", others: "decorator" },
  { names: "c h cpp c++ cc hpp cxx objc cuda",
    words: `${commonWords} auto bool char const_cast constexpr delete double explicit extern float
      friend goto inline int long namespace noexcept nullptr operator override private protected
      public register short signed sizeof static_cast struct template typedef typename union
      unsigned using virtual void volatile size_t int32_t int64_t uint8_t uint32_t uint64_t`,
    strings: "doubled letter", comments: "slashes", others: "directive" },
  { names: "java kotlin kt scala cs csharp c# dart groovy php",
    words: `${commonWords} abstract assert async await bool boolean byte char data decimal double
      extends final float fun function implements instanceof int interface internal is lateinit long
      namespace object out override package private protected public readonly record sealed short
      string struct throws trait using val var virtual void when where yield echo foreach`,
    strings: "tripled doubled single", comments: "slashes", others: "decorator" },
  { names: "swift",
    words: `${commonWords} actor any as associatedtype async await deinit defer extension
      fallthrough fileprivate func guard init inout internal is lazy let mutating nil nonisolated
      open operator override package precedencegroup private protocol public repeat rethrows self
      Self some struct subscript throws typealias unowned var weak where`,
    strings: "tripled doubled", comments: "slashes", others: "decorator" },
  { names: "rust rs zig",
    words: `${commonWords} as async await bool char comptime crate dyn extern f32 f64 fn i32 i64 impl
      let loop match mod move mut pub ref self Self str struct trait type u8 u32 u64 unsafe use usize
      var where`,
    strings: "doubled letter", comments: "slashes", others: "" },
  { names: "go golang",
    words: `${commonWords} bool byte chan defer error fallthrough float64 func go goto int int64
      interface map nil package range rune select string struct type uint8 var any`,
    strings: "backquoted doubled letter", comments: "slashes", others: "" },
  { names: "py python python3 pycon",
    words: `${commonWords} False None True and as assert async await def del elif except from global
      is lambda match nonlocal not or pass raise self with yield`,
    strings: "tripled doubled single", comments: "hash", others: "decorator" },
  { names: "rb ruby elixir ex perl pl r julia jl",
    words: `${commonWords} alias and begin def defmodule defp elsif end ensure fn function foreach let
      loop module my nil not or require rescue self sub then unless until use when yield`,
    strings: "doubled single", comments: "hash", others: "" },
  { names: "sh bash shell zsh console fish dockerfile makefile make docker",
    words: `if then else elif fi for while do done case esac in function return local export set
      unset exit source echo cd sudo FROM RUN COPY CMD ENTRYPOINT ENV WORKDIR EXPOSE ARG`,
    strings: "doubled single", comments: "hash", others: "variable" },
  { names: "sql postgres postgresql mysql sqlite", isCaseless: true,
    words: `select from where and or not in is null insert into values update set delete create table
      view index drop alter add primary key foreign references unique default join left right inner
      outer full on as group by order having limit offset union all distinct case when then else end
      with exists between like int integer text varchar boolean date timestamp asc desc returning`,
    strings: "single doubled", comments: "dashes", others: "" },
  { names: "hs haskell lua ml ocaml elm",
    words: `and break case class data deriving do else elseif end false for forall function if import
      in instance let local match module mutable newtype nil not of open or rec repeat return then
      true type until where while with`,
    strings: "doubled letter", comments: "dashes", others: "" },
  { names: "json jsonc json5", words: "true false null",
    strings: "key doubled", comments: "slashes", others: "" },
  { names: "yaml yml toml ini conf properties env", words: "true false null yes no on off",
    strings: "label doubled single", comments: "hash", others: "" },
  { names: "css scss less", words: "important and not only from to",
    strings: "doubled single", comments: "block", others: "property color" },
  { names: "html xml svg vue markup xhtml", words: "",
    strings: "markup tag attribute doubled", comments: "markup", others: "" },
  { names: "diff patch", words: "", strings: "", comments: "", others: "added removed hunk" },
];

Object.assign(codePatterns, {
  key: /"(?:[^"\\\n]|\\[^])*"(?=\s{0,8}:)/,
  label: /^[ \t]*(?:- )?[\w.-]+(?=\s{0,4}[:=])|^\[.*\]$/m,
  directive: /^[ \t]*#[ \t]*\w+/m,
  property: /[-\w]{1,60}(?=\s{0,4}:\s)|@[-\w]+/,
  color: /#[\da-fA-F]{3,8}\b/,
  markup: /<!--[^]*?(?:-->|(?![^]))/,
  tag: /<\/?[\w:!-]+|\/?>/,
  attribute: /[\w:@.-]{1,60}(?==)/,
  added: /^\+.*/m, removed: /^-.*/m, hunk: /^@@.*/m,
});

const codeKinds = {
  slashes: "comment", block: "comment", hash: "comment", dashes: "comment", markup: "comment", number: "number",
  call: "call", word: "word", key: "name", label: "name", property: "name", attribute: "name",
  tag: "keyword", directive: "keyword", decorator: "name", variable: "name", color: "number",
  added: "added", removed: "removed", hunk: "name",
};

/** Finds a language by any of its names, and makes its patterns one. */
function rulesOf(language) {
  const name = language.toLowerCase();
  const found = languages.find(({ names }) => names.split(" ").includes(name));
  if (!found) return null;
  found.rules ??= newRules(found);
  return found.rules;
}

function newRules({ words, strings, comments, others, isCaseless }) {
  const isCode = Boolean(words);
  const names = [comments, strings, others, isCode ? "number call word" : ""].join(" ")
    .split(" ").filter((each, index, all) => each && all.indexOf(each) === index);
  const pattern = names.map((each) => `(${codePatterns[each].source})`).join("|");
  const list = words.split(/\s+/).filter(Boolean);
  return {
    kinds: names.map((each) => codeKinds[each] ?? "string"),
    pattern: new RegExp(pattern, "gmu"),
    words: isCaseless ? new CaselessSet(list) : new Set(list),
  };
}

/** Words that are the same in capitals. */
class CaselessSet extends Set {
  has(word) { return super.has(word.toLowerCase()); }
}
