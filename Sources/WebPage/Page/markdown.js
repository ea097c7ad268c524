/* Markdown as it is shown: blocks to DOM nodes. While a text grows, what can no longer change is
   neither read nor made again. */

/** Shows text in an element, keeping the nodes of all blocks that did not change. */
function renderMarkdown(text, host) {
  const shown = host.shown ??= new ShownMarkdown(host);
  shown.update(text);
}

/** What an element shows of a text that may grow. */
class ShownMarkdown {
  constructor(host) {
    this.host = host;
    this.notes = element("section");
    this.notes.className = "notes";
    this.notes.setAttribute("aria-label", "Footnotes");
    host.replaceChildren(this.notes);
    this.forget();
    this.blocks = [];
    this.names = "";
    this.version = 0;
  }

  /** Reads everything anew the next time. */
  forget() {
    this.text = "";
    this.settled = 0;
    this.definitions = { links: new Map(), notes: new Map() };
  }

  update(text) {
    if (!text.startsWith(this.text)) this.forget();
    const lines = markdownLines(text);
    const kept = this.blocks.slice(0, this.settled);
    const from = this.settled ? this.blocks[this.settled].block.line : 0;
    const read = new BlockParser(lines, this.definitions).parse(from);
    this.text = text;
    // A definition may be used above the place where it stands.
    if (this.noteNames()) {
      kept.forEach((old, index) => { kept[index] = this.shown(old.block, old); });
    }
    const fresh = read.map((block, index) => this.shown(block, this.blocks[kept.length + index]));
    for (const old of this.blocks.slice(kept.length + read.length)) old.node.remove();
    this.blocks = [...kept, ...fresh];
    // What ends a block is known once the block after the next has begun.
    this.settled = Math.max(0, this.blocks.length - 2);
    this.showNotes();
  }

  /** Whether something else is defined than before, as far as it matters to other blocks. */
  noteNames() {
    const { links, notes } = this.definitions;
    const names = JSON.stringify([[...notes.keys()], [...links]]);
    if (names === this.names) return false;
    this.names = names;
    this.version += 1;
    return true;
  }

  /** A block with its node, in the place of an older one. */
  shown(block, old) {
    const source = this.sourceOf(block);
    if (old?.source === source) {
      old.block = block;
      return old;
    }
    if (old?.code && block.kind === "code" && old.block.language === block.language) {
      old.code.update(block.text);
      return Object.assign(old, { block, source });
    }
    const code = block.kind === "code" ? new ShownCode(block) : null;
    const node = code?.node ?? blockNode(block, this);
    if (old) old.node.replaceWith(node);
    else this.notes.before(node);
    return { block, source, node, code };
  }

  /** What the node of a block depends on. */
  sourceOf({ line, ...block }) {
    const source = JSON.stringify(block);
    return source.includes("[") ? source + this.version : source;
  }

  showNotes() {
    const { notes } = this.definitions;
    const source = JSON.stringify([...notes]);
    this.notes.hidden = notes.size === 0;
    if (source === this.noteSource) return;
    this.noteSource = source;
    const items = [...notes.values()].map(({ blocks, index }) => {
      const item = itemNode(blocks, this);
      const back = noteButton("↩", `Back to the text of footnote ${index + 1}`, () =>
        this.host.querySelector(`.note-ref[data-note="${index}"]`));
      item.tabIndex = -1;
      item.append(" ", back);
      return item;
    });
    this.notes.replaceChildren(fill(element("ol"), items));
  }

  /** The number that refers to a footnote. */
  reference(label) {
    const { index } = this.definitions.notes.get(label);
    const button = noteButton(String(index + 1), `Footnote ${index + 1}`, () =>
      this.notes.querySelectorAll(":scope > ol > li")[index]);
    button.dataset.note = index;
    button.classList.add("note-ref");
    return element("sup", button);
  }
}

function noteButton(text, name, target) {
  const button = element("button", text);
  button.type = "button";
  button.className = "note-link";
  button.setAttribute("aria-label", name);
  button.addEventListener("click", () => {
    target()?.focus();
    target()?.scrollIntoView({ block: "nearest" });
  });
  return button;
}

function blockNode(block, context) {
  const inline = (name, text) => withInline(element(name), text, context);
  switch (block.kind) {
    case "heading": return inline(`h${Math.min(block.level + 2, 6)}`, block.text);
    case "rule": return element("hr");
    case "code": return new ShownCode(block).node;
    case "quote": return withBlocks(element("blockquote"), block.blocks, context);
    case "list": return listNode(block, context);
    case "table": return tableNode(block, context);
    case "math": return formulaNode(block.tex, block.source, true);
    case "definition": return document.createComment("");
    default: return inline("p", block.text);
  }
}

function withBlocks(host, blocks, context) {
  return fill(host, blocks.map((block) => blockNode(block, context)));
}

function listNode(block, context) {
  const list = element(block.start === undefined ? "ul" : "ol");
  if (block.start !== undefined) list.start = block.start;
  for (const { task, blocks } of block.items) {
    const item = itemNode(blocks, context);
    if (task !== undefined) item.prepend(taskBox(item, task));
    list.append(item);
  }
  return list;
}

/** An item, whose first line is not set apart like a paragraph. */
function itemNode([first, ...rest], context) {
  const item = element("li");
  if (first?.kind === "paragraph") withInline(item, first.text, context);
  else if (first) item.append(blockNode(first, context));
  return withBlocks(item, rest, context);
}

function taskBox(item, isDone) {
  const box = element("input");
  box.type = "checkbox";
  box.checked = isDone;
  box.disabled = true;
  box.setAttribute("aria-label", isDone ? "done" : "to do");
  item.className = "task";
  return box;
}

function tableNode({ head, alignments, rows }, context) {
  const row = (name, cells) => fill(element("tr"), cells.map((cell, index) => {
    const node = withInline(element(name), cell, context);
    if (alignments[index]) node.className = alignments[index];
    return node;
  }));
  const body = fill(element("tbody"), rows.map((cells) => row("td", cells)));
  const table = element("table", element("thead", row("th", head)), body);
  const frame = element("div", table);
  frame.className = "table";
  frame.tabIndex = 0;
  frame.setAttribute("role", "group");
  frame.setAttribute("aria-label", "Table");
  return frame;
}

/** Code with its colours; it may grow, and what is selected in it stays so. */
class ShownCode {
  constructor({ language, text }) {
    this.text = "";
    this.node = fromTemplate("code-template");
    this.node.querySelector(".code-language").textContent = language || "text";
    this.node.querySelector("pre").setAttribute("aria-label", `Code, ${language || "text"}`);
    this.colours = new ColouredCode(this.node.querySelector("code"), language);
    const button = this.node.querySelector(".code-copy");
    button.addEventListener("click", () => copyText(this.text, button));
    this.update(text);
  }

  update(text) {
    this.text = text;
    this.colours.update(text);
  }
}

/** A formula that is set; one that cannot be is shown as it is written. */
function formulaNode(tex, source, isDisplay) {
  const formula = mathNode(tex, isDisplay) ?? element("code", source);
  if (!isDisplay) return formula;
  const frame = element("div", formula);
  frame.className = "formula";
  return frame;
}
