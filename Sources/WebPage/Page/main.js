/* Puts the parts together: models, views, dialogs, shortcuts. */

const longestImport = 20_000_000;

const store = new Store();
const models = new ServedModels(store);
const connection = new Connection((isReached) => models.noteState(isReached));
const settingsDialog = new SettingsDialog(store, () => loadModels());
const engineView = new EngineView(store, (isReached) => connection.note(isReached));
const chat = new Chat(store, models, {
  onChosen: showChat, openSettings, onReached: (isReached) => connection.note(isReached),
});
const formDialog = new FormDialog(store, () => chat.composer.focus());

async function loadModels() {
  connection.note(await models.load());
  chat.showContext();
}

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

function openSearch() {
  if (matchMedia("(max-width: 820px)").matches) setSidebar(true);
  byId("search-field").hidden = false;
  byId("search").focus();
}

async function importFiles(files) {
  const added = [];
  for (const file of files) {
    const { text, trouble } = await readTextFile(file, longestImport);
    const found = trouble ? [] : importedConversations(text);
    if (!found.length) showToast(trouble ?? `“${file.name}” holds no conversations.`);
    added.push(...found);
  }
  if (!added.length) return;
  chat.add(added);
  showChat();
  showToast(`${added.length} ${added.length === 1 ? "conversation is" : "conversations are"} added.`);
}

function offerTransfer() {
  const menu = byId("transfer-menu");
  const input = byId("import-input");
  menu.addEventListener("toggle", () => {
    if (menu.matches(":popover-open")) placeBeside(menu, byId("open-transfer"));
  });
  menu.addEventListener("keydown", moveInMenu);
  byId("import").addEventListener("click", () => {
    menu.hidePopover();
    input.click();
  });
  byId("export-all").addEventListener("click", () => {
    menu.hidePopover();
    download("conversations.json", "application/json", conversationsJSON(chat.conversations));
  });
  input.addEventListener("change", async () => {
    await importFiles([...input.files]);
    input.value = "";
  });
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
  { keys: ["Alt", "K"], says: "Search the conversations" },
  { keys: ["Alt", "J"], says: "Form of the answers" },
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
  KeyK: openSearch,
  KeyJ: () => formDialog.open(),
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
offerTransfer();
showView();
loadModels();
if (!isEngineShown() && !hasTouchKeyboard()) byId("composer-text").focus();
