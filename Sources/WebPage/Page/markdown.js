/* A small part of Markdown as DOM nodes. What a model writes becomes text nodes, never HTML; the
   time it takes grows with the length of the text, whatever the text is. */

const deepestNesting = 6;
const mostOpenMarks = 16;

/** Shows text in an element, keeping the nodes of all blocks that did not change. */
function renderMarkdown(text, host) {
  const shown = host.blocks ?? [];
  const blocks = parseBlocks(text.split(/\r\n|\r|\n/).map(expandTabs), 0);
  host.blocks = blocks.map((block, index) => {
    const old = shown[index];
    const source = JSON.stringify(block);
    if (old?.source === source) return old;
    const node = blockNode(block);
    if (old) old.node.replaceWith(node);
    else host.append(node);
    return { source, node };
  });
  for (const old of shown.slice(blocks.length)) old.node.remove();
}

function expandTabs(line) {
  return line.replace(/^\t+/, (tabs) => "    ".repeat(tabs.length));
}

/** Splits lines into blocks; what lies too deep is a paragraph. */
function parseBlocks(lines, depth) {
  if (depth > deepestNesting) return [{ kind: "paragraph", text: lines.join("\n") }];
  const blocks = [];
  let at = 0;
  while (at < lines.length) {
    if (!lines[at].trim()) {
      at += 1;
      continue;
    }
    const [block, next] = parseBlock(lines, at, depth);
    blocks.push(block);
    at = next;
  }
  return blocks;
}

/** Reads the block that begins at a line; returns it and the line after it. */
function parseBlock(lines, at, depth) {
  const fence = fenceOf(lines[at]);
  if (fence) return parseCode(lines, at, fence);
  const heading = /^ {0,3}(#{1,6})[ \t]+(.*)$/.exec(lines[at]);
  if (heading) {
    return [{ kind: "heading", level: heading[1].length, text: heading[2].trim() }, at + 1];
  }
  if (isRule(lines[at])) return [{ kind: "rule" }, at + 1];
  if (isQuote(lines[at])) return parseQuote(lines, at, depth);
  if (markerOf(lines[at])) return parseList(lines, at, depth);
  let end = at + 1;
  while (end < lines.length && lines[end].trim() && !beginsBlock(lines[end])) end += 1;
  return [{ kind: "paragraph", text: lines.slice(at, end).join("\n").trim() }, end];
}

function beginsBlock(line) {
  return Boolean(fenceOf(line) || /^ {0,3}#{1,6}[ \t]/.test(line) || isRule(line) || isQuote(line)
    || markerOf(line));
}

function isRule(line) {
  return /^ {0,3}([-*_])(?:[ \t]*\1){2,}[ \t]*$/.test(line);
}

function isQuote(line) {
  return /^ {0,3}>/.test(line);
}

function fenceOf(line) {
  const found = /^( {0,3})(`{3,}|~{3,})(.*)$/.exec(line);
  if (!found) return null;
  const [, indent, mark, rest] = found;
  if (mark[0] === "`" && rest.includes("`")) return null;
  return { indent: indent.length, mark, language: rest.trim().split(/\s/, 1)[0] };
}

/** Reads code up to its closing fence, or to the end while the model still writes it. */
function parseCode(lines, at, fence) {
  const code = [];
  for (let next = at + 1; next < lines.length; next += 1) {
    const line = lines[next].trim();
    const closes = line.length >= fence.mark.length && line === fence.mark[0].repeat(line.length);
    if (closes) return [codeBlock(fence, code), next + 1];
    code.push(withoutIndent(lines[next], fence.indent));
  }
  return [codeBlock(fence, code), lines.length];
}

function codeBlock(fence, lines) {
  return { kind: "code", language: fence.language, text: lines.join("\n") };
}

function parseQuote(lines, at, depth) {
  const inner = [];
  let end = at;
  for (; end < lines.length && isQuote(lines[end]); end += 1) {
    inner.push(lines[end].replace(/^ {0,3}> ?/, ""));
  }
  return [{ kind: "quote", blocks: parseBlocks(inner, depth + 1) }, end];
}

function markerOf(line) {
  const found = /^( *)([-*+]|(\d{1,9})[.)])(?: |$)/.exec(line);
  if (!found || isRule(line)) return null;
  const [whole, indent, , number] = found;
  return { indent: indent.length, width: whole.length, number: number && Number(number) };
}

function indentOf(line) {
  return line.length - line.trimStart().length;
}

function withoutIndent(line, width) {
  return line.slice(Math.min(width, indentOf(line)));
}

/** Reads the items of a list; lines further in belong to the item above them. */
function parseList(lines, at, depth) {
  const first = markerOf(lines[at]);
  const isOrdered = first.number !== undefined;
  const items = [];
  let item;
  let next = at;
  while (next < lines.length) {
    const line = lines[next];
    const marker = markerOf(line);
    if (marker && marker.indent < first.indent + 2) {
      if ((marker.number !== undefined) !== isOrdered) break;
      item = { lines: [line.slice(marker.width)], width: marker.width, strip: null };
      items.push(item);
      next += 1;
    } else if (!line.trim()) {
      let after = next + 1;
      while (after < lines.length && !lines[after].trim()) after += 1;
      if (after === lines.length || !continuesList(lines[after], first)) break;
      item.lines.push("");
      next = after;
    } else if (continuesList(line, first) || (!beginsBlock(line) && item.lines.at(-1) !== "")) {
      item.strip ??= Math.min(item.width, indentOf(line));
      item.lines.push(withoutIndent(line, item.strip));
      next += 1;
    } else {
      break;
    }
  }
  const parsed = items.map((each) => parseBlocks(each.lines, depth + 1));
  return [{ kind: "list", start: first.number, items: parsed }, next];
}

function continuesList(line, first) {
  return indentOf(line) >= first.indent + 2 || Boolean(markerOf(line));
}

function blockNode(block) {
  switch (block.kind) {
    case "heading": return withInline(element(`h${Math.min(block.level + 2, 6)}`), block.text);
    case "rule": return element("hr");
    case "code": return codeNode(block);
    case "quote": return fill(element("blockquote"), block.blocks.map(blockNode));
    case "list": return listNode(block);
    default: return withInline(element("p"), block.text);
  }
}

function listNode(block) {
  const list = element(block.start === undefined ? "ul" : "ol");
  if (block.start !== undefined) list.start = block.start;
  for (const blocks of block.items) {
    // An item of one line is not set apart like a paragraph.
    const [first, ...rest] = blocks;
    const item = element("li");
    if (first?.kind === "paragraph") withInline(item, first.text);
    else if (first) item.append(blockNode(first));
    list.append(fill(item, rest.map(blockNode)));
  }
  return list;
}

function codeNode(block) {
  const node = fromTemplate("code-template");
  node.querySelector(".code-language").textContent = block.language || "text";
  node.querySelector("pre").setAttribute("aria-label", `Code, ${block.language || "text"}`);
  node.querySelector("code").textContent = block.text;
  const button = node.querySelector(".code-copy");
  button.addEventListener("click", () => copyText(block.text, button));
  return node;
}

/** Adds text with its `code`, **strong** and *emphasized* parts to an element. */
function withInline(host, text) {
  const missing = new Set();
  // The innermost open mark is the last; the first is the element itself.
  const open = [{ mark: "", nodes: [] }];
  const add = (node) => join(open.at(-1).nodes, node);
  const special = /[\\`*_]/g;
  let at = 0;
  while (at < text.length) {
    special.lastIndex = at;
    const found = special.exec(text)?.index ?? text.length;
    if (found > at) add(text.slice(at, found));
    if (found === text.length) break;
    at = found;
    const character = text[at];
    if (character === "\\") {
      const isEscape = /[!-/:-@[-`{-~]/.test(text[at + 1] ?? "");
      add(isEscape ? text[at + 1] : "\\");
      at += isEscape ? 2 : 1;
      continue;
    }
    const length = runLength(text, at);
    if (character === "`") {
      const end = closingTicks(text, at + length, length, missing);
      add(end < 0 ? text.slice(at, at + length) : codeSpan(text.slice(at + length, end)));
      at = end < 0 ? at + length : end + length;
    } else {
      addMarks(open, character, length, flanks(text, at, length));
      at += length;
    }
  }
  while (open.length > 1) unwind(open);
  return fill(host, open[0].nodes);
}

function runLength(text, at) {
  let end = at;
  while (text[end] === text[at]) end += 1;
  return end - at;
}

function closingTicks(text, from, length, missing) {
  if (missing.has(length)) return -1;
  const ticks = /`+/g;
  ticks.lastIndex = from;
  for (let run = ticks.exec(text); run; run = ticks.exec(text)) {
    if (run[0].length === length) return run.index;
  }
  missing.add(length);
  return -1;
}

function codeSpan(code) {
  const isPadded = code.startsWith(" ") && code.endsWith(" ") && code.trim();
  return element("code", isPadded ? code.slice(1, -1) : code);
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
    const index = closes ? openedBy(open, wanted, character) : -1;
    if (index > 0) {
      while (open.length > index + 1) unwind(open);
      const { mark, nodes } = open.pop();
      open.at(-1).nodes.push(fill(element(mark.length === 2 ? "strong" : "em"), nodes));
      left -= mark.length;
    } else if (opens && open.length < mostOpenMarks) {
      open.push({ mark: wanted, nodes: [] });
      left -= wanted.length;
    } else {
      join(open.at(-1).nodes, character.repeat(left));
      left = 0;
    }
  }
}

function openedBy(open, wanted, character) {
  const exact = open.findLastIndex((each) => each.mark === wanted);
  return exact > 0 ? exact : open.findLastIndex((each) => each.mark === character);
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
