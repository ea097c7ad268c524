/* Formulas: the part of TeX that models write, as MathML. What is not known is refused as a whole,
   so that nobody reads half a formula. */

const longestFormula = 4000;
const deepestFormula = 30;
const mathNamespace = "http://www.w3.org/1998/Math/MathML";

/** A formula as MathML; null where it says something that is not known here. */
function mathNode(tex, isDisplay) {
  if (tex.length > longestFormula) return null;
  try {
    const math = mathElement("math", new FormulaParser(tex).whole());
    if (isDisplay) math.setAttribute("display", "block");
    return math;
  } catch (error) {
    if (error instanceof FormulaError) return null;
    throw error;
  }
}

class FormulaError extends Error {}

function mathElement(name, children, attributes = {}) {
  const node = document.createElementNS(mathNamespace, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return fill(node, children);
}

/** One node of several. */
function mathRow(nodes) {
  return nodes.length === 1 ? nodes[0] : mathElement("mrow", nodes);
}

/** Reads one formula. */
class FormulaParser {
  constructor(tex) {
    this.tokens = tex.match(/\\(?:[a-zA-Z]+\*?|[^])|\d+(?:\.\d+)?|\s+|[^]/gu) ?? [];
    this.at = 0;
    this.depth = 0;
  }

  whole() {
    const nodes = this.until([]);
    if (this.next !== undefined) throw new FormulaError();
    return nodes;
  }

  /** The token to come; blanks between tokens mean nothing. */
  get next() {
    while (this.at < this.tokens.length && !this.tokens[this.at].trim()) this.at += 1;
    return this.tokens[this.at];
  }

  take() {
    if (this.next === undefined) throw new FormulaError();
    this.at += 1;
    return this.tokens[this.at - 1];
  }

  expect(token) {
    if (this.take() !== token) throw new FormulaError();
  }

  /** Nodes up to one of some tokens, which is left to be taken. */
  until(ends) {
    this.depth += 1;
    if (this.depth > deepestFormula) throw new FormulaError();
    const nodes = [];
    while (this.next !== undefined && !ends.includes(this.next)) {
      if (["}", "&", "\\\\", "\\right", "\\end"].includes(this.next)) throw new FormulaError();
      nodes.push(this.scripted());
    }
    this.depth -= 1;
    return nodes;
  }

  /** A nucleus with what stands above and below it. */
  scripted() {
    const isBare = ["^", "_"].includes(this.next);
    const base = isBare ? mathElement("mrow", []) : this.nucleus();
    let below = null;
    let above = null;
    while (["^", "_", "'"].includes(this.next)) {
      const mark = this.take();
      if ((mark === "_" ? below : above) !== null) throw new FormulaError();
      if (mark === "_") below = this.argument();
      else above = mark === "^" ? this.argument() : this.primes();
    }
    if (!below && !above) return base;
    const isLimit = base.hasAttribute("data-limits");
    const parts = [base, ...[below, above].filter(Boolean)];
    const name = isLimit ? ["munder", "mover", "munderover"] : ["msub", "msup", "msubsup"];
    return mathElement(name[below && above ? 2 : below ? 0 : 1], parts);
  }

  primes() {
    let count = 1;
    for (; this.next === "'"; this.at += 1) count += 1;
    const primes = mathElement("mo", ["′".repeat(count)]);
    if (this.next !== "^") return primes;
    this.at += 1;
    return mathElement("mrow", [primes, this.argument()]);
  }

  /** What a command or a script takes: a group, or one token. */
  argument() {
    if (this.next !== "{") {
      if (/^\d[\d.]/.test(this.next ?? "")) return this.digit();
      return this.nucleus();
    }
    return this.group();
  }

  digit() {
    const number = this.take();
    this.at -= 1;
    this.tokens.splice(this.at, 1, number[0], number.slice(1));
    return mathElement("mn", [this.take()]);
  }

  group() {
    this.expect("{");
    const nodes = this.until(["}"]);
    this.expect("}");
    return mathElement("mrow", nodes);
  }

  /** The text of a group, not read as a formula. */
  words() {
    this.expect("{");
    let text = "";
    for (; this.tokens[this.at] !== "}"; this.at += 1) {
      if (this.at >= this.tokens.length) throw new FormulaError();
      text += this.tokens[this.at];
    }
    this.at += 1;
    return text;
  }

  nucleus() {
    const token = this.next;
    if (token === "{") return this.group();
    this.take();
    if (token[0] === "\\") return this.command(token.slice(1));
    if (/^\d/.test(token)) return mathElement("mn", [token]);
    if (/^\p{L}$/u.test(token)) return mathElement("mi", [token]);
    if (["#", "%", "$"].includes(token)) throw new FormulaError();
    return mathElement("mo", [{ "-": "−", "*": "∗" }[token] ?? token], fenceAttributes(token));
  }

  command(name) {
    if (Object.hasOwn(texIdentifiers, name)) return mathElement("mi", [texIdentifiers[name]]);
    if (Object.hasOwn(texOperators, name)) {
      return mathElement("mo", [texOperators[name]], fenceAttributes(texOperators[name]));
    }
    if (Object.hasOwn(texSpaces, name)) {
      return mathElement("mspace", [], { width: `${texSpaces[name]}em` });
    }
    if (texFunctions.includes(name)) return functionNode(name);
    if (Object.hasOwn(texLarge, name)) {
      const isIntegral = name.endsWith("int");
      return mathElement("mo", [texLarge[name]], isIntegral ? {} : { "data-limits": "1" });
    }
    if (Object.hasOwn(texAccents, name)) return this.accent(name);
    if (Object.hasOwn(texAlphabets, name)) return this.lettered(name);
    if (Object.hasOwn(texTexts, name)) return this.plainText(texTexts[name]);
    if (Object.hasOwn(texBuilders, name)) return texBuilders[name](this);
    if (texSilent.includes(name)) return mathElement("mrow", []);
    throw new FormulaError();
  }

  accent(name) {
    const base = this.argument();
    const [mark, isBelow] = texAccents[name];
    const isWide = /^(?:wide|over|under)/.test(name);
    const over = mathElement("mo", [mark], { stretchy: String(isWide) });
    const node = mathElement(isBelow ? "munder" : "mover", [base, over],
      { [isBelow ? "accentunder" : "accent"]: "true" });
    if (name.endsWith("brace")) node.setAttribute("data-limits", "1");
    return node;
  }

  /** Letters of another alphabet. */
  lettered(name) {
    const group = this.argument();
    for (const node of [group, ...group.querySelectorAll("*")]) {
      const isLeaf = ["mi", "mn"].includes(node.localName);
      if (isLeaf) node.textContent = [...node.textContent].map(texAlphabets[name]).join("");
      if (isLeaf && name === "mathrm") node.setAttribute("mathvariant", "normal");
    }
    return group;
  }

  plainText(letter) {
    // MathML drops blanks at the ends of a text, unless they keep a line together.
    const text = this.words().replaceAll(" ", "\u00a0");
    return mathElement("mtext", [[...text].map(letter).join("")]);
  }

  /** A delimiter after `\left`, `\right` or `\big`. */
  delimiter() {
    const token = this.take();
    if (token === ".") return "";
    const name = token.slice(1);
    if (token[0] !== "\\") return token;
    if (!Object.hasOwn(texOperators, name)) throw new FormulaError();
    return texOperators[name];
  }

  /** The rows of a table up to its end. */
  rows(end) {
    const rows = [[]];
    for (;;) {
      const cell = mathRow(this.until(["&", "\\\\", "\\end"]));
      rows.at(-1).push(mathElement("mtd", [cell]));
      const token = this.take();
      if (token === "\\\\") rows.push([]);
      if (token === "\\end") break;
    }
    if (this.words() !== end) throw new FormulaError();
    if (rows.length > 1 && rows.at(-1).length === 1 && !rows.at(-1)[0].textContent) rows.pop();
    return rows.map((cells) => mathElement("mtr", cells));
  }
}

/** Marks beside which nothing is set apart, and which are not as high as what is between them. */
function fenceAttributes(mark) {
  if (mark === "|" || mark === "‖") return { stretchy: "false", lspace: "0", rspace: "0" };
  return /^[()[\]]$/.test(mark) ? { stretchy: "false" } : {};
}

function functionNode(name) {
  const text = { limsup: "lim sup", liminf: "lim inf" }[name] ?? name;
  const attributes = texLimits.includes(name) ? { "data-limits": "1" } : {};
  return mathElement("mi", [text], attributes);
}
