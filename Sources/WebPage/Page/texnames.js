/* What the commands of TeX mean. */

/** Pairs of a name and what it stands for, one after the other, as an object. */
function named(text) {
  const words = text.trim().split(/\s+/);
  const pairs = [];
  for (let at = 0; at < words.length; at += 2) pairs.push([words[at], words[at + 1]]);
  return Object.fromEntries(pairs);
}

const texIdentifiers = named(`alpha α beta β gamma γ delta δ epsilon ϵ varepsilon ε zeta ζ eta η
  theta θ vartheta ϑ iota ι kappa κ lambda λ mu μ nu ν xi ξ pi π varpi ϖ rho ρ varrho ϱ sigma σ
  varsigma ς tau τ upsilon υ phi ϕ varphi φ chi χ psi ψ omega ω Gamma Γ Delta Δ Theta Θ Lambda Λ
  Xi Ξ Pi Π Sigma Σ Upsilon Υ Phi Φ Psi Ψ Omega Ω infty ∞ partial ∂ nabla ∇ ell ℓ hbar ℏ Re ℜ Im ℑ
  aleph ℵ emptyset ∅ varnothing ∅ imath ı jmath ȷ top ⊤ bot ⊥ angle ∠ degree ° circ ∘ prime ′ dots …
  ldots … cdots ⋯ vdots ⋮ ddots ⋱ % % $ $ # # _ _ & &`);

const texOperators = named(`times × cdot ⋅ div ÷ pm ± mp ∓ ast ∗ star ⋆ bullet ∙ oplus ⊕ otimes ⊗
  odot ⊙ ominus ⊖ cap ∩ cup ∪ setminus ∖ wedge ∧ land ∧ vee ∨ lor ∨ neg ¬ lnot ¬ leq ≤ le ≤ geq ≥
  ge ≥ neq ≠ ne ≠ ll ≪ gg ≫ approx ≈ equiv ≡ sim ∼ simeq ≃ cong ≅ propto ∝ in ∈ notin ∉ ni ∋
  subset ⊂ subseteq ⊆ supset ⊃ supseteq ⊇ forall ∀ exists ∃ nexists ∄ to → rightarrow → leftarrow ←
  gets ← leftrightarrow ↔ Rightarrow ⇒ Leftarrow ⇐ Leftrightarrow ⇔ implies ⟹ iff ⟺ impliedby ⟸
  longrightarrow ⟶ mapsto ↦ uparrow ↑ downarrow ↓ rightleftharpoons ⇌ mid ∣ nmid ∤ parallel ∥ perp ⊥
  therefore ∴ because ∵ langle ⟨ rangle ⟩ lfloor ⌊ rfloor ⌋ lceil ⌈ rceil ⌉ lvert | rvert | vert |
  lVert ‖ rVert ‖ Vert ‖ | ‖ { { } } lbrace { rbrace } lbrack [ rbrack ] backslash \\ colon : prec ≺
  succ ≻ models ⊨ vdash ⊢ triangle △ square □ blacksquare ■ checkmark ✓ dagger †`);

const texLarge = named(`sum ∑ prod ∏ coprod ∐ int ∫ iint ∬ iiint ∭ oint ∮ bigcup ⋃ bigcap ⋂
  bigoplus ⨁ bigotimes ⨂ bigvee ⋁ bigwedge ⋀`);

const texSpaces = {
  ",": 0.17, ":": 0.22, ">": 0.22, ";": 0.28, "!": -0.17, " ": 0.3, quad: 1, qquad: 2,
};

const texFunctions = `sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh coth exp log ln lg
  det dim ker deg gcd hom arg max min sup inf lim limsup liminf Pr argmax argmin`.split(/\s+/);
const texLimits = `max min sup inf lim limsup liminf det gcd Pr argmax argmin`.split(" ");

// What changes only sizes, or the numbers of formulas.
const texSilent = `displaystyle textstyle scriptstyle limits nolimits nonumber notag big Big bigg Bigg
  bigl bigr Bigl Bigr biggl biggr Biggl Biggr middle hline`.split(/\s+/);

const texAccents = {
  hat: ["^"], widehat: ["^"], bar: ["‾"], overline: ["‾"], vec: ["→"], overrightarrow: ["→"],
  dot: ["˙"], ddot: ["¨"], tilde: ["~"], widetilde: ["~"], check: ["ˇ"], overbrace: ["⏞"],
  underline: ["_", true], underbrace: ["⏟", true],
};

const doubleStruck = { C: "ℂ", H: "ℍ", N: "ℕ", P: "ℙ", Q: "ℚ", R: "ℝ", Z: "ℤ" };
const scripted = { B: "ℬ", E: "ℰ", F: "ℱ", H: "ℋ", I: "ℐ", L: "ℒ", M: "ℳ", R: "ℛ" };
const blackletter = { C: "ℭ", H: "ℌ", I: "ℑ", R: "ℜ", Z: "ℨ" };

/** A function that moves letters to another alphabet, given where its capitals, small letters and
    digits begin in Unicode, and its letters that lie elsewhere. */
function alphabet(capitals, small, digits, others = {}) {
  return (letter) => {
    const moved = (first, begin) =>
      String.fromCodePoint(letter.codePointAt(0) - first.codePointAt(0) + begin);
    if (Object.hasOwn(others, letter)) return others[letter];
    if (/^[A-Z]$/.test(letter)) return moved("A", capitals);
    if (/^[a-z]$/.test(letter) && small) return moved("a", small);
    return /^\d$/.test(letter) && digits ? moved("0", digits) : letter;
  };
}

const plainLetter = (letter) => letter;
const boldLetter = alphabet(0x1d400, 0x1d41a, 0x1d7ce);
const italicLetter = alphabet(0x1d434, 0x1d44e, 0, { h: "ℎ" });

const texAlphabets = {
  mathrm: plainLetter, mathit: plainLetter, mathnormal: plainLetter, mathbf: boldLetter,
  boldsymbol: boldLetter, bm: boldLetter, mathbb: alphabet(0x1d538, 0x1d552, 0x1d7d8, doubleStruck),
  mathcal: alphabet(0x1d49c, 0, 0, scripted), mathscr: alphabet(0x1d49c, 0, 0, scripted),
  mathfrak: alphabet(0x1d504, 0x1d51e, 0, blackletter),
  mathsf: alphabet(0x1d5a0, 0x1d5ba, 0x1d7e2), mathtt: alphabet(0x1d670, 0x1d68a, 0x1d7f6),
};

const texTexts = {
  text: plainLetter, textrm: plainLetter, textnormal: plainLetter, mbox: plainLetter,
  textbf: boldLetter, textit: italicLetter,
};

function fraction(formula) {
  return mathElement("mfrac", [formula.argument(), formula.argument()]);
}

function fenced(open, nodes, close) {
  const fence = (mark) => (mark ? [mathElement("mo", [mark], { fence: "true" })] : []);
  return mathElement("mrow", [...fence(open), ...nodes, ...fence(close)]);
}

function root(formula) {
  if (formula.next !== "[") return mathElement("msqrt", [formula.argument()]);
  formula.take();
  const degree = mathRow(formula.until(["]"]));
  formula.expect("]");
  return mathElement("mroot", [formula.argument(), degree]);
}

function leftAndRight(formula) {
  const open = formula.delimiter();
  const nodes = formula.until(["\\right"]);
  formula.expect("\\right");
  return fenced(open, nodes, formula.delimiter());
}

// The marks around the tables that there are, and whether their columns are aligned at a sign.
const texTables = {
  matrix: ["", ""], pmatrix: ["(", ")"], bmatrix: ["[", "]"], Bmatrix: ["{", "}"],
  vmatrix: ["|", "|"], Vmatrix: ["‖", "‖"], smallmatrix: ["", ""], array: ["", ""],
  cases: ["{", "", "left"], aligned: ["", "", "pairs"], align: ["", "", "pairs"],
  "align*": ["", "", "pairs"], split: ["", "", "pairs"], gathered: ["", ""], gather: ["", ""],
  "gather*": ["", ""], equation: ["", ""], "equation*": ["", ""],
};

function environment(formula) {
  const name = formula.words();
  if (!Object.hasOwn(texTables, name)) throw new FormulaError();
  if (name === "array") formula.words();
  const [open, close, kind = ""] = texTables[name];
  const table = mathElement("mtable", formula.rows(name));
  if (kind) table.setAttribute("class", kind);
  return fenced(open, [table], close);
}

function stacked(formula) {
  const above = formula.argument();
  return mathElement("mover", [formula.argument(), above]);
}

function overLine(formula) {
  const above = formula.argument();
  return fenced("(", [mathElement("mfrac", [above, formula.argument()], { linethickness: "0" })],
    ")");
}

const texBuilders = {
  frac: fraction, dfrac: fraction, tfrac: fraction, cfrac: fraction, sqrt: root, binom: overLine,
  left: leftAndRight, begin: environment, overset: stacked, stackrel: stacked,
  operatorname: (formula) => mathElement("mi", [formula.words()], { mathvariant: "normal" }),
  "operatorname*": (formula) => mathElement("mi", [formula.words()], { "data-limits": "1" }),
  boxed: (formula) => mathElement("mrow", [formula.argument()], { class: "boxed" }),
  pmod: (formula) => fenced("(", [mathElement("mi", ["mod "]), formula.argument()], ")"),
  bmod: () => mathElement("mo", ["mod"]),
  mod: () => mathElement("mo", ["mod"]),
  tag: (formula) => mathElement("mtext", [`  (${formula.words()})`]),
};
