/* The list of conversations. */

/** Shows the conversations, and does what their menu offers. */
class ConversationList {
  /** `actions` are `open`, `rename`, `remove`, each of a conversation, and `refresh`. */
  constructor(actions) {
    this.actions = actions;
    this.list = byId("conversations");
    this.menu = byId("conversation-menu");
    this.rows = new Map();
    this.search = byId("search");
    this.search.addEventListener("input", () => actions.refresh());
    this.search.addEventListener("keydown", (event) => this.onSearchKey(event));
    this.menu.addEventListener("toggle", () => {
      if (this.menu.matches(":popover-open")) placeBeside(this.menu, this.opener);
    });
    this.offer("menu-rename", (conversation) => this.rename(conversation));
    this.offer("menu-markdown", (conversation) => {
      const text = conversationMarkdown(conversation);
      download(`${fileName(conversation)}.md`, "text/markdown", text);
    });
    this.offer("menu-json", (conversation) => {
      const text = JSON.stringify(conversation, null, 2);
      download(`${fileName(conversation)}.json`, "application/json", text);
    });
    this.offer("menu-delete", (conversation) => actions.remove(conversation));
    this.menu.addEventListener("keydown", moveInMenu);
  }

  offer(id, action) {
    byId(id).addEventListener("click", () => {
      const { conversation } = this;
      this.menu.hidePopover();
      action(conversation);
    });
  }

  /** Shows the conversations as they are now. */
  show(conversations, current, isRunning) {
    const rows = new Map();
    const words = this.search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const conversation of conversations) {
      const match = found(conversation, words);
      if (!match) continue;
      const row = this.rows.get(conversation) ?? this.newRow(conversation);
      const title = titleOf(conversation);
      row.querySelector(".conversation-title").textContent = title;
      row.querySelector(".conversation-more").setAttribute("aria-label", `Options of ${title}`);
      row.querySelector(".conversation-snippet").replaceChildren(...(match.snippet ?? []));
      row.classList.toggle("running", isRunning(conversation));
      row.classList.toggle("current", conversation === current);
      const open = row.querySelector(".conversation-open");
      if (conversation === current) open.setAttribute("aria-current", "true");
      else open.removeAttribute("aria-current");
      rows.set(conversation, row);
    }
    this.rows = rows;
    byId("search-field").hidden = conversations.length < 2 && !words.length;
    byId("no-conversations").hidden = conversations.length > 0;
    byId("nothing-found").hidden = !words.length || rows.size > 0;
    const wanted = [...rows.values()];
    if (wanted.length === this.list.children.length
      && wanted.every((row, index) => row === this.list.children[index])) return;
    const focused = document.activeElement;
    this.list.replaceChildren(...wanted);
    if (this.list.contains(focused)) focused.focus();
  }

  newRow(conversation) {
    const row = fromTemplate("conversation-template");
    row.querySelector(".conversation-open").addEventListener("click", () =>
      this.actions.open(conversation));
    row.querySelector(".conversation-more").addEventListener("click", (event) => {
      this.conversation = conversation;
      this.opener = event.currentTarget;
    });
    return row;
  }

  /** The arrow leads to the first that was found, Escape back to all. */
  onSearchKey(event) {
    if (event.key === "ArrowDown") this.list.querySelector("button")?.focus();
    else if (event.key === "Escape" && this.search.value) this.endSearch();
    else return;
    event.preventDefault();
  }

  /** Shows all conversations again. */
  endSearch() {
    this.search.value = "";
    this.actions.refresh();
  }

  /** Lets the user write a name in place of the row. */
  rename(conversation) {
    const row = this.rows.get(conversation);
    if (!row || row.querySelector("input")) return;
    const open = row.querySelector(".conversation-open");
    const more = row.querySelector(".conversation-more");
    const input = element("input");
    input.className = "conversation-rename";
    input.setAttribute("aria-label", "Name of the conversation");
    input.maxLength = 120;
    input.value = titleOf(conversation);
    let isOpen = true;
    const end = (keeps) => {
      if (!isOpen) return;
      isOpen = false;
      input.remove();
      open.hidden = more.hidden = false;
      if (keeps) this.actions.rename(conversation, input.value.trim());
      open.focus();
    };
    input.addEventListener("keydown", (event) => {
      if (event.isComposing || !["Enter", "Escape"].includes(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
      end(event.key === "Enter");
    });
    input.addEventListener("blur", () => end(true));
    open.hidden = more.hidden = true;
    row.prepend(input);
    input.focus();
    input.select();
  }
}

const charactersBeforeMatch = 24;
const longestSnippet = 90;

/** Whether a conversation has all words of a query, and a piece of the text where one stands. */
function found(conversation, words) {
  if (!words.length) return { snippet: null };
  const texts = [titleOf(conversation), ...everyMessage(conversation).map(requestText)];
  const folded = texts.map((text) => text.toLowerCase());
  if (!words.every((word) => folded.some((text) => text.includes(word)))) return null;
  // What the title shows anyway need not be said again.
  const index = folded.findIndex((text, at) => at > 0 && text.includes(words[0]));
  if (index < 0 || folded[0].includes(words[0])) return { snippet: null };
  const at = folded[index].indexOf(words[0]);
  const from = Math.max(0, at - charactersBeforeMatch);
  const piece = texts[index].slice(from, at + longestSnippet);
  const [begin, length] = [at - from, words[0].length];
  return {
    snippet: [(from ? "…" : "") + piece.slice(0, begin),
      element("mark", piece.slice(begin, begin + length)), piece.slice(begin + length)],
  };
}
