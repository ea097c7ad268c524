/* The list of conversations. */

/** Shows the conversations, and does what their menu offers. */
class ConversationList {
  /** `actions` are `open`, `rename`, `remove`, each of a conversation. */
  constructor(actions) {
    this.actions = actions;
    this.list = byId("conversations");
    this.menu = byId("conversation-menu");
    this.rows = new Map();
    this.menu.addEventListener("toggle", () => this.placeMenu());
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
    this.menu.addEventListener("keydown", (event) => this.moveInMenu(event));
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
    for (const conversation of conversations) {
      const row = this.rows.get(conversation) ?? this.newRow(conversation);
      const title = titleOf(conversation);
      row.querySelector(".conversation-title").textContent = title;
      row.querySelector(".conversation-more").setAttribute("aria-label", `Options of ${title}`);
      row.classList.toggle("running", isRunning(conversation));
      row.classList.toggle("current", conversation === current);
      const open = row.querySelector(".conversation-open");
      if (conversation === current) open.setAttribute("aria-current", "true");
      else open.removeAttribute("aria-current");
      rows.set(conversation, row);
    }
    this.rows = rows;
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

  placeMenu() {
    if (!this.menu.matches(":popover-open")) return;
    const { bottom, top, right } = this.opener.getBoundingClientRect();
    const { offsetHeight, offsetWidth } = this.menu;
    const fits = bottom + offsetHeight + 8 < innerHeight;
    this.menu.style.top = `${Math.max(8, fits ? bottom + 4 : top - offsetHeight - 4)}px`;
    this.menu.style.left = `${Math.max(8, Math.min(right - 32, innerWidth - offsetWidth - 8))}px`;
  }

  moveInMenu(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const buttons = [...this.menu.querySelectorAll("button")];
    const at = buttons.indexOf(document.activeElement);
    buttons[(at + step + buttons.length) % buttons.length].focus();
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

function fileName(conversation) {
  const name = titleOf(conversation).normalize("NFKC").replace(/[^\p{L}\p{N}]+/gu, "-");
  return name.replace(/^-|-$/g, "").slice(0, 50) || "conversation";
}
