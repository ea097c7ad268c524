/* The inside of a paragraph of Markdown as DOM nodes. What a model writes becomes text nodes, never
   HTML. No search goes back, and none is made twice in vain, so that time grows with the length. */

const mostOpenMarks = 16;
const longestAddress = 2000;
const deepestParentheses = 8;

/** Adds text with its marks to an element; returns the element. */
function withInline(host, text, context) {
  return fill(host, new InlineParser(text, context).parse());
}

/** Reads one text. `context` has the `definitions`, and shows footnotes. */
class InlineParser {
  constructor(text, context) {
    this.text = text;
    this.context = context;
    this.at = 0;
    // The innermost open mark is the last; the first is the text itself.
    this.open = [{ mark: "", nodes: [] }];
    // What is known not to come any more.
    this.missing = new Set();
  }

  parse() {
    const special = /[\\`*_~[\]<$]|https?:\/\//g;
    while (this.at < this.text.length) {
      special.lastIndex = this.at;
      const found = special.exec(this.text)?.index ?? this.text.length;
      this.add(this.text.slice(this.at, found));
      this.at = found;
      if (found < this.text.length) this.step(this.text[found]);
    }
    while (this.open.length > 1) unwind(this.open);
    return this.open[0].nodes;
  }

  add(node) {
    if (node !== "") join(this.open.at(-1).nodes, node);
  }

  /** Adds a node for text up to an end. */
  take(node, end) {
    this.add(node);
    this.at = end;
  }

  step(character) {
    switch (character) {
      case "\\": return this.backslash();
      case "`": return this.ticks();
      case "[": return this.openBracket();
      case "]": return this.closeBracket();
      case "<": return this.angle();
      case "$": return this.dollar();
      case "h": return this.bareAddress();
      default: return this.marks(character);
    }
  }

  backslash() {
    const next = this.text[this.at + 1] ?? "";
    const close = { "(": "\\)", "[": "\\]" }[next];
    if (close && this.formula(close, 2, next === "[")) return;
    if (next === "\n") this.at += 1;
    else if (/[!-/:-@[-`{-~]/.test(next)) this.take(next, this.at + 2);
    else this.take("\\", this.at + 1);
  }

  dollar() {
    if (this.text.startsWith("$$", this.at)) {
      if (!this.formula("$$", 2, true)) this.take("$$", this.at + 2);
      return;
    }
    const inline = /\$(?!\s)((?:[^$\\\n]|\\[^\n]){1,1000})(?<!\s)\$(?![\p{L}\d])/uy;
    inline.lastIndex = this.at;
    const found = inline.exec(this.text);
    if (found) this.take(formulaNode(found[1], found[0], false), inline.lastIndex);
    else this.take("$", this.at + 1);
  }

  /** Takes a formula up to what closes it, if something does. */
  formula(close, length, isDisplay) {
    const end = this.find(close, this.at + length);
    if (end < 0) return false;
    const tex = this.text.slice(this.at + length, end);
    const source = this.text.slice(this.at, end + close.length);
    this.take(formulaNode(tex, source, isDisplay), end + close.length);
    return true;
  }

  find(wanted, from) {
    if (this.missing.has(wanted)) return -1;
    const found = this.text.indexOf(wanted, from);
    if (found < 0) this.missing.add(wanted);
    return found;
  }

  ticks() {
    const length = runLength(this.text, this.at);
    const end = this.closingTicks(this.at + length, length);
    if (end < 0) this.take(this.text.slice(this.at, this.at + length), this.at + length);
    else this.take(codeSpan(this.text.slice(this.at + length, end)), end + length);
  }

  closingTicks(from, length) {
    if (this.missing.has(length)) return -1;
    const ticks = /`+/g;
    ticks.lastIndex = from;
    for (let run = ticks.exec(this.text); run; run = ticks.exec(this.text)) {
      if (run[0].length === length) return run.index;
    }
    this.missing.add(length);
    return -1;
  }

  marks(character) {
    const length = runLength(this.text, this.at);
    const { opens, closes } = flanks(this.text, this.at, length);
    this.at += length;
    if (character === "~" && length !== 2) this.add(character.repeat(length));
    else addMarks(this.open, character, length, { opens, closes });
  }

  openBracket() {
    const note = /\[\^([^\]\s[]{1,80})\]/y;
    note.lastIndex = this.at;
    const label = note.exec(this.text)?.[1];
    if (label && this.context.definitions.notes.has(label)) {
      this.take(this.context.reference(label), note.lastIndex);
    } else if (this.open.length < mostOpenMarks) {
      const isImage = this.text[this.at - 1] === "!" && this.text[this.at - 2] !== "\\";
      this.open.push({ mark: "[", nodes: [], from: this.at + 1, isImage });
      this.at += 1;
    } else {
      this.take("[", this.at + 1);
    }
  }

  closeBracket() {
    const index = this.open.findLastIndex(({ mark }) => mark === "[");
    const target = index > 0 ? this.target(this.open[index]) : null;
    if (!target) {
      while (index > 0 && this.open.length > index) unwind(this.open);
      this.take("]", this.at + 1);
      return;
    }
    while (this.open.length > index + 1) unwind(this.open);
    const { nodes, isImage } = this.open.pop();
    if (isImage) dropMark(this.open.at(-1).nodes);
    // No link is inside another one.
    for (const each of this.open) if (each.mark === "[") each.isDead = true;
    this.take(linkNode(target.address, nodes, target.address), target.end);
  }

  /** Where a bracket that is closed here leads to, and where that ends; null if nowhere. */
  target({ from, isDead }) {
    if (isDead) return null;
    const after = this.at + 1;
    if (this.text[after] === "(") return this.destination(after + 1);
    const label = /\[([^\][]{0,80})\]/y;
    label.lastIndex = after;
    const written = label.exec(this.text);
    if (!written && this.at - from > longestLabel) return null;
    const name = (written?.[1] || this.text.slice(from, this.at)).toLowerCase();
    const address = this.context.definitions.links.get(name);
    return address ? { address, end: written ? label.lastIndex : after } : null;
  }

  destination(from) {
    const limit = Math.min(this.text.length, from + longestAddress);
    let at = from;
    let depth = 0;
    for (; at < limit && !/[\s<]/.test(this.text[at]); at += 1) {
      if (this.text[at] === "(") depth += 1;
      if (this.text[at] === ")") depth -= 1;
      if (depth < 0 || depth > deepestParentheses) break;
    }
    const rest = /(?:[ \n]{1,3}(?:"[^"\n]{0,300}"|'[^'\n]{0,300}'))?[ \n]{0,3}\)/y;
    rest.lastIndex = at;
    const address = safeAddress(this.text.slice(from, at));
    return address && rest.test(this.text) ? { address, end: rest.lastIndex } : null;
  }

  angle() {
    const address = /<((?:https?:\/\/|mailto:)[^\s<>]{1,2000})>|<br {0,3}\/?>/iy;
    address.lastIndex = this.at;
    const found = address.exec(this.text);
    if (!found) this.take("<", this.at + 1);
    else if (!found[1]) this.take(element("br"), address.lastIndex);
    else if (!safeAddress(found[1])) this.take(found[0], address.lastIndex);
    else this.take(linkNode(found[1], [found[1]]), address.lastIndex);
  }

  /** An address that nothing marks; the punctuation at its end is not its own. */
  bareAddress() {
    const written = /https?:\/\/[^\s<>`\]]+/y;
    written.lastIndex = this.at;
    const whole = written.exec(this.text)?.[0] ?? "";
    const isInside = /[\p{L}\p{N}_]/u.test(this.text[this.at - 1] ?? "");
    const address = isInside || whole.length > longestAddress ? "" : ownPart(whole);
    const isLink = safeAddress(address);
    if (isLink) this.take(linkNode(address, [address]), this.at + address.length);
    else this.take(whole || "h", this.at + (whole.length || 1));
  }
}

function runLength(text, at) {
  let end = at;
  while (text[end] === text[at]) end += 1;
  return end - at;
}

function codeSpan(code) {
  const isPadded = code.startsWith(" ") && code.endsWith(" ") && code.trim();
  return element("code", isPadded ? code.slice(1, -1) : code);
}

/** An address without the punctuation of the sentence that it stands in. */
function ownPart(whole) {
  let open = 0;
  for (const character of whole) {
    if (character === "(") open += 1;
    if (character === ")") open -= 1;
  }
  let end = whole.length;
  for (;;) {
    if (whole[end - 1] === ")" && open < 0) open += 1;
    else if (!/[.,:;!?'"*_~|]/.test(whole[end - 1] ?? "")) return whole.slice(0, end);
    end -= 1;
  }
}

/** A link that opens beside this page and tells nobody where it was. */
function linkNode(address, nodes, title) {
  const link = fill(element("a"), nodes);
  for (const inner of link.querySelectorAll("a")) inner.replaceWith(...inner.childNodes);
  link.href = address;
  link.target = "_blank";
  link.rel = "noopener noreferrer";
  if (title) link.title = title;
  return link;
}

function dropMark(nodes) {
  const text = nodes.pop().slice(0, -1);
  if (text) nodes.push(text);
}

/** Whether a run of marks may open or close what it marks. */
function flanks(text, at, length) {
  const before = text[at - 1] ?? " ";
  const after = text[at + length] ?? " ";
  const isWord = /[\p{L}\p{N}]/u;
  const isInside = text[at] === "_" && isWord.test(before) && isWord.test(after);
  return { opens: !isInside && /\S/.test(after), closes: !isInside && /\S/.test(before) };
}

function addMarks(open, character, length, { opens, closes }) {
  let left = length;
  while (left > 0) {
    const wanted = character.repeat(Math.min(left, 2));
    const index = closes ? openedBy(open, wanted, left) : -1;
    if (index > 0) {
      while (open.length > index + 1) unwind(open);
      const { mark, nodes } = open.pop();
      open.at(-1).nodes.push(fill(element(nameOfMark(mark)), nodes));
      left -= mark.length;
    } else if (opens && open.length < mostOpenMarks) {
      // Of three marks, the outer one is the single one.
      const mark = left === 3 ? character : wanted;
      open.push({ mark, nodes: [] });
      left -= mark.length;
    } else {
      join(open.at(-1).nodes, character.repeat(left));
      left = 0;
    }
  }
}

function nameOfMark(mark) {
  return mark === "~~" ? "del" : mark.length === 2 ? "strong" : "em";
}

function openedBy(open, wanted, left) {
  const innermost = open.findLastIndex((each) => each.mark[0] === wanted[0]);
  if (left > 2 && innermost > 0) return innermost;
  const exact = open.findLastIndex((each) => each.mark === wanted);
  return exact > 0 ? exact : open.findLastIndex((each) => each.mark === wanted[0]);
}

/** Takes an open mark for what it is when nothing closes it: text. */
function unwind(open) {
  const { mark, nodes } = open.pop();
  const around = open.at(-1).nodes;
  join(around, mark);
  for (const node of nodes) join(around, node);
}

/** Adds a node, or text to the text before it. */
function join(nodes, node) {
  const isText = typeof node === "string" && typeof nodes.at(-1) === "string";
  nodes.push(isText ? nodes.pop() + node : node);
}
