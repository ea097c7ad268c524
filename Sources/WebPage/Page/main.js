/* Puts the parts together: models, views, dialogs, shortcuts. */

const unreachable = "not reachable";
const needsKey = "API key needed";

/** The models that are served, and whether the server answers. */
class ServedModels {
  constructor(store) {
    this.store = store;
    this.models = [];
    this.trouble = "";
  }

  /** Asks the server for its models. */
  async load() {
    try {
      this.models = await servedModels(this.store.settings().key);
      this.trouble = "";
    } catch (error) {
      this.trouble = error.status === 401 ? needsKey : unreachable;
    }
    this.show();
  }

  /** The name of the model that the settings choose, or of the first. */
  chosen(settings) {
    const ids = this.models.map((model) => model.id);
    return ids.includes(settings.model) ? settings.model : ids[0] ?? "";
  }

  /** Takes over whether the server answered; once it does again, its models may be others. */
  noteState(isReached) {
    if (isReached === (this.trouble !== unreachable)) return;
    if (isReached) {
      this.load();
    } else {
      this.trouble = unreachable;
      this.show();
    }
  }

  /** Takes over how an answer ended. */
  noteAnswer(error) {
    if (error || this.trouble) this.load();
  }

  show() {
    const name = this.chosen(this.store.settings());
    byId("server-state").className = `state ${this.trouble ? "bad" : "good"}`;
    byId("model-name").textContent = this.trouble || name;
    byId("model-name").title = name;
    byId("welcome-model").textContent = this.welcome(name);
  }

  welcome(name) {
    if (this.trouble === needsKey) return "This server wants an API key; enter it in the settings.";
    const length = this.models.find((model) => model.id === name)?.max_model_len;
    return length ? `${name}, conversations of up to ${longNumber(length)} tokens` : name;
  }
}

const store = new Store();
const models = new ServedModels(store);
const settingsDialog = new SettingsDialog(store, () => models.load());
const engineView = new EngineView(store, (isReached) => models.noteState(isReached));
const chat = new Chat(store, models, { onChosen: showChat, openSettings });

function openSettings(field) {
  settingsDialog.models = models.models;
  settingsDialog.open(field);
}

function isEngineShown() {
  return location.hash === "#engine";
}

function showView() {
  const isEngine = isEngineShown();
  byId("chat").hidden = isEngine;
  engineView.setVisible(isEngine);
  for (const [id, isCurrent] of [["view-chat", !isEngine], ["view-engine", isEngine]]) {
    if (isCurrent) byId(id).setAttribute("aria-current", "page");
    else byId(id).removeAttribute("aria-current");
  }
  if (isEngine) return;
  chat.showComposer();
  chat.toEnd();
}

function showChat() {
  setSidebar(false);
  if (!isEngineShown()) return;
  location.hash = "#chat";
  showView();
}

function setSidebar(isOpen) {
  const wasOpen = !byId("scrim").hidden;
  byId("sidebar").classList.toggle("open", isOpen);
  byId("scrim").hidden = !isOpen;
  byId("page").inert = isOpen;
  byId("sidebar-open").setAttribute("aria-expanded", String(isOpen));
  if (isOpen) byId("sidebar-close").focus();
  else if (wasOpen) byId("sidebar-open").focus();
}

/** What the keyboard does besides Tab and the arrows. */
const shortcuts = [
  { keys: ["Enter"], says: "Send the message" },
  { keys: ["Shift", "Enter"], says: "Begin a line" },
  { keys: ["Esc"], says: "Stop the answer; close what is open" },
  { keys: ["Alt", "N"], says: "New conversation" },
  { keys: ["Alt", "↑"], says: "Conversation above" },
  { keys: ["Alt", "↓"], says: "Conversation below" },
  { keys: ["Alt", "M"], says: "Write a message" },
  { keys: ["Alt", "G"], says: "Chat or engine" },
  { keys: ["Alt", ","], says: "Settings" },
  { keys: ["Alt", "/"], says: "This list" },
];

/** What keys do together with Alt, by their place; their letter depends on the layout. */
const commands = {
  KeyN: () => chat.openNew(),
  ArrowUp: () => chat.step(-1),
  ArrowDown: () => chat.step(1),
  KeyM: () => {
    showChat();
    byId("composer-text").focus();
  },
  KeyG: () => { location.hash = isEngineShown() ? "#chat" : "#engine"; },
  Comma: () => openSettings("system"),
  Slash: () => byId("shortcuts").showModal(),
};

function listShortcuts() {
  byId("shortcut-list").append(...shortcuts.flatMap(({ keys, says }) => {
    const names = keys.flatMap((key, index) => [index ? "+" : "", element("kbd", key)]);
    return [element("dt", says), element("dd", ...names)];
  }));
}

function isCovered() {
  return Boolean(document.querySelector("dialog[open], :popover-open"));
}

function onKey(event) {
  if (event.defaultPrevented || isCovered()) return;
  if (event.key === "Escape") {
    if (!byId("scrim").hidden) setSidebar(false);
    else if (!isEngineShown()) chat.stop();
    return;
  }
  if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const command = Object.hasOwn(commands, event.code) ? commands[event.code] : null;
  if (!command) return;
  event.preventDefault();
  command();
}

addEventListener("hashchange", showView);
addEventListener("keydown", onKey);
byId("sidebar-open").addEventListener("click", () => setSidebar(true));
byId("sidebar-close").addEventListener("click", () => setSidebar(false));
byId("scrim").addEventListener("click", () => setSidebar(false));
byId("open-settings").addEventListener("click", () => openSettings());
byId("open-shortcuts").addEventListener("click", () => byId("shortcuts").showModal());
for (const dialog of document.querySelectorAll("dialog")) {
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-closes]")) dialog.close();
  });
}
matchMedia("(min-width: 821px)").addEventListener("change", (event) => {
  if (event.matches) setSidebar(false);
});

listShortcuts();
showView();
models.load();
if (!isEngineShown() && !hasTouchKeyboard()) byId("composer-text").focus();
