/* The blocks of Markdown: text to a tree of plain values. The time that it takes grows with the
   length of the text, whatever the text is: no line is looked at more often than there are levels. */

const deepestNesting = 8;
const longestLabel = 80;

/** Reads blocks from lines; definitions of links and footnotes are put aside, in `definitions`, by
    their names. */
class BlockParser {
  constructor(lines, definitions, depth = 0) {
    this.lines = lines;
    this.definitions = definitions;
    this.depth = depth;
    this.at = 0;
    // Up to this line no formula is closed.
    this.openMathUntil = 0;
  }

  /** All blocks from a line on, each with the line at which it begins. */
  parse(from = 0) {
    const blocks = [];
    for (this.at = from; this.at < this.lines.length;) {
      const line = this.at;
      if (!this.lines[line].trim()) this.at += 1;
      else blocks.push({ ...this.block(), line });
    }
    return blocks;
  }

  /** The block that begins at the current line. */
  block() {
    const line = this.lines[this.at];
    const fence = fenceOf(line);
    if (fence) return this.code(fence);
    const heading = headingOf(line);
    if (heading) {
      this.at += 1;
      return heading;
    }
    if (isRule(line)) {
      this.at += 1;
      return { kind: "rule" };
    }
    return this.definition(line) ?? this.container(line) ?? this.math(line) ?? this.table(this.at)
      ?? this.paragraph();
  }

  /** A quote, a list or indented code; what lies too deep is a paragraph. */
  container(line) {
    const isDeep = this.depth >= deepestNesting;
    if (isQuote(line)) return isDeep ? this.paragraph() : this.quote();
    if (markerOf(line)) return isDeep ? this.paragraph() : this.list();
    return indentOf(line) >= 4 && !isDeep ? this.indentedCode() : null;
  }

  inner(lines) {
    return new BlockParser(lines, this.definitions, this.depth + 1).parse();
  }

  paragraph() {
    const begin = this.at;
    for (this.at += 1; this.at < this.lines.length; this.at += 1) {
      const line = this.lines[this.at];
      const level = this.at === begin + 1 ? underlineOf(line) : 0;
      if (level) {
        this.at += 1;
        return { kind: "heading", level, text: this.lines[begin].trim() };
      }
      if (!line.trim() || beginsBlock(line) || this.isTable(this.at)) break;
    }
    return { kind: "paragraph", text: this.lines.slice(begin, this.at).join("\n").trim() };
  }

  /** Code up to its closing fence, or to the end while the model still writes it. */
  code(fence) {
    const code = [];
    for (this.at += 1; this.at < this.lines.length; this.at += 1) {
      const line = this.lines[this.at].trim();
      const closes = line.length >= fence.mark.length && line === fence.mark[0].repeat(line.length);
      if (closes) {
        this.at += 1;
        break;
      }
      code.push(withoutIndent(this.lines[this.at], fence.indent));
    }
    return { kind: "code", language: fence.language, text: code.join("\n") };
  }

  indentedCode() {
    const code = [];
    for (; this.at < this.lines.length; this.at += 1) {
      const line = this.lines[this.at];
      if (line.trim() && indentOf(line) < 4) break;
      code.push(line.slice(4));
    }
    return { kind: "code", language: "", text: code.join("\n").trimEnd() };
  }

  quote() {
    const inner = [];
    for (; this.at < this.lines.length && isQuote(this.lines[this.at]); this.at += 1) {
      inner.push(this.lines[this.at].replace(/^ {0,3}> ?/, ""));
    }
    return { kind: "quote", blocks: this.inner(inner) };
  }

  /** A list; lines further in belong to the item above them. */
  list() {
    const first = markerOf(this.lines[this.at]);
    const items = [];
    let item;
    while (this.at < this.lines.length) {
      const line = this.lines[this.at];
      const marker = markerOf(line);
      if (marker && marker.indent < first.indent + 2) {
        if (marker.isOrdered !== first.isOrdered) break;
        item = newItem(line, marker);
        items.push(item);
        this.at += 1;
      } else if (!line.trim()) {
        let after = this.at + 1;
        while (after < this.lines.length && !this.lines[after].trim()) after += 1;
        if (after === this.lines.length || !continuesList(this.lines[after], first)) break;
        item.lines.push("");
        this.at = after;
      } else if (continuesList(line, first) || (!beginsBlock(line) && item.lines.at(-1) !== "")) {
        item.strip ??= Math.min(item.width, indentOf(line));
        item.lines.push(withoutIndent(line, item.strip));
        this.at += 1;
      } else {
        break;
      }
    }
    const parsed = items.map((each) => ({ task: each.task, blocks: this.inner(each.lines) }));
    return { kind: "list", start: first.number, items: parsed };
  }

  isTable(at) {
    const [head, below] = [this.lines[at], this.lines[at + 1]];
    return head.includes("|") && below !== undefined && Boolean(alignmentsOf(below));
  }

  table(at) {
    if (!this.isTable(at)) return null;
    const head = cellsOf(this.lines[at]);
    const alignments = alignmentsOf(this.lines[at + 1]);
    if (head.length !== alignments.length) return null;
    const rows = [];
    for (this.at = at + 2; this.at < this.lines.length; this.at += 1) {
      const line = this.lines[this.at];
      if (!line.trim() || beginsBlock(line)) break;
      rows.push(cellsOf(line).slice(0, head.length));
    }
    return { kind: "table", head, alignments, rows };
  }

  /** A formula between lines; it has no empty line, and is closed. */
  math(line) {
    const text = line.trim();
    const [open, close] = mathMarks.find(([mark]) => text.startsWith(mark)) ?? [];
    if (!open) return null;
    const end = this.endOfMath(text, open, close);
    if (end < 0) return null;
    const whole = this.lines.slice(this.at, end + 1).join("\n").trim();
    this.at = end + 1;
    return { kind: "math", tex: whole.slice(open.length, -close.length).trim(), source: whole };
  }

  endOfMath(text, open, close) {
    if (text.length >= open.length + close.length && text.endsWith(close)) return this.at;
    if (text.indexOf(close, open.length) >= 0 || this.at < this.openMathUntil) return -1;
    for (let end = this.at + 1; end < this.lines.length; end += 1) {
      const next = this.lines[end].trim();
      if (next.endsWith(close)) return end;
      if (!next) break;
      this.openMathUntil = end;
    }
    return -1;
  }

  /** The address of a link, or a footnote, with the lines that belong to it. */
  definition(line) {
    const note = /^ {0,3}\[\^([^\]\s[]+)\]:(.*)$/.exec(line);
    if (note && note[1].length <= longestLabel) return this.footnote(note[1], note[2]);
    const link = /^ {0,3}\[([^\]^[]+)\]:[ \t]*<?([^\s<>]+)>?(.*)$/.exec(line);
    if (!link || link[1].length > longestLabel || !safeAddress(link[2])) return null;
    this.at += 1;
    this.definitions.links.set(link[1].toLowerCase(), link[2]);
    return { kind: "definition" };
  }

  footnote(label, begin) {
    const inner = [begin.trim()];
    for (this.at += 1; this.at < this.lines.length; this.at += 1) {
      const line = this.lines[this.at];
      if (!line.trim() || (indentOf(line) < 2 && beginsBlock(line)) || isDefinition(line)) break;
      inner.push(withoutIndent(line, 4));
    }
    const { notes } = this.definitions;
    const blocks = this.inner(inner);
    notes.set(label, { index: notes.get(label)?.index ?? notes.size, blocks });
    return { kind: "definition" };
  }
}

const mathMarks = [["$$", "$$"], ["\\[", "\\]"]];

/** Splits text into lines, as the parser wants them. */
function markdownLines(text) {
  return text.split(/\r\n|\r|\n/).map(expandTabs);
}

function expandTabs(line) {
  return line.replace(/^\t+/, (tabs) => "    ".repeat(tabs.length));
}

/** The address of a link that may be followed; null for any other. */
function safeAddress(address) {
  return /^(?:https?:\/\/|mailto:)[^\s<>]+$/i.test(address) && URL.canParse(address)
    ? address : null;
}

function beginsBlock(line) {
  return Boolean(fenceOf(line) || headingOf(line) || isRule(line) || isQuote(line) || markerOf(line)
    || mathMarks.some(([mark]) => line.trimStart().startsWith(mark)));
}

function isDefinition(line) {
  return /^ {0,3}\[\^?[^\]\s[]+\]:/.test(line);
}

function isRule(line) {
  return /^ {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$/.test(line);
}

function isQuote(line) {
  return /^ {0,3}>/.test(line);
}

function headingOf(line) {
  const found = /^ {0,3}(#{1,6})[ \t]+(.*)$/.exec(line);
  if (!found) return null;
  let text = found[2].trim();
  let end = text.length;
  while (text[end - 1] === "#") end -= 1;
  if (end === 0 || /\s/.test(text[end - 1])) text = text.slice(0, end).trimEnd();
  return { kind: "heading", level: found[1].length, text };
}

function underlineOf(line) {
  if (/^ {0,3}=+$/.test(line.trimEnd())) return 1;
  return /^ {0,3}-{2,}$/.test(line.trimEnd()) ? 2 : 0;
}

function fenceOf(line) {
  const found = /^( {0,3})(`{3,}|~{3,})(.*)$/.exec(line);
  if (!found) return null;
  const [, indent, mark, rest] = found;
  if (mark[0] === "`" && rest.includes("`")) return null;
  return { indent: indent.length, mark, language: rest.trim().split(/\s/, 1)[0] };
}

function markerOf(line) {
  const found = /^( *)([-*+]|(\d{1,9})[.)])(?: |$)/.exec(line);
  if (!found || isRule(line)) return null;
  const [whole, indent, , number] = found;
  const isOrdered = number !== undefined;
  return {
    indent: indent.length, width: whole.length, isOrdered,
    number: isOrdered ? Number(number) : undefined,
  };
}

function newItem(line, { width, isOrdered }) {
  const text = line.slice(width);
  const task = isOrdered ? null : /^\[([ xX])\] +/.exec(text);
  return {
    lines: [task ? text.slice(task[0].length) : text], width, strip: null,
    task: task ? task[1] !== " " : undefined,
  };
}

function continuesList(line, first) {
  return indentOf(line) >= first.indent + 2 || Boolean(markerOf(line));
}

function indentOf(line) {
  return line.length - line.trimStart().length;
}

function withoutIndent(line, width) {
  return line.slice(Math.min(width, indentOf(line)));
}

/** The cells of a table's row; a pipe after a backslash is a character of a cell. */
function cellsOf(line) {
  const row = line.trim();
  const cells = [];
  let begin = row[0] === "|" ? 1 : 0;
  for (let at = begin; at <= row.length; at += 1) {
    if (row[at] === "\\") {
      at += 1;
    } else if (at === row.length || row[at] === "|") {
      cells.push(row.slice(begin, at).replaceAll("\\|", "|").trim());
      begin = at + 1;
    }
  }
  if (begin < row.length) cells.push(row.slice(begin).trim());
  if (cells.length > 1 && row.endsWith("|")) cells.pop();
  return cells;
}

/** How the columns are aligned, by the line below a table's head; null if the line is another. */
function alignmentsOf(line) {
  if (!line.includes("-") || /[^-:|\s]/.test(line)) return null;
  const cells = cellsOf(line);
  if (!cells.every((cell) => /^:?-+:?$/.test(cell))) return null;
  return cells.map((cell) => {
    const [left, right] = [cell.startsWith(":"), cell.endsWith(":")];
    return left && right ? "center" : right ? "right" : "";
  });
}
