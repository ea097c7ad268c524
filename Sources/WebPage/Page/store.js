/* What is kept in this browser: conversations, one entry each so that tabs do not overwrite each
   other's, and settings. The API key is kept for as long as the tab is open. */

const conversationPrefix = "apus.conversation.";
const settingsKey = "apus.settings";
const presetsKey = "apus.presets";
const apiKeyKey = "apus.key";
const settingNames = [
  "model", "system", "temperature", "topP", "topK", "minP", "repetition", "maxTokens", "seed", "form",
  "schema", "tools",
];

/** Conversations and settings; in memory only where the browser keeps nothing. */
class Store {
  constructor() {
    this.lasting = openStorage(() => localStorage);
    this.session = openStorage(() => sessionStorage);
    this.waiting = new Map();
  }

  /** All conversations, the one used last first. */
  conversations() {
    const found = [];
    for (let index = 0; index < this.lasting.length; index += 1) {
      const key = this.lasting.key(index);
      if (!key?.startsWith(conversationPrefix)) continue;
      const conversation = readConversation(this.lasting.getItem(key));
      if (conversation) found.push(conversation);
    }
    return found.sort((a, b) => b.updated - a.updated);
  }

  /** Keeps a conversation as it is now. */
  save(conversation) {
    clearTimeout(this.waiting.get(conversation)?.timer);
    this.waiting.delete(conversation);
    this.write(this.lasting, conversationPrefix + conversation.id, JSON.stringify(conversation));
  }

  /** Keeps a conversation before long, for one that changes with every token. */
  saveSoon(conversation) {
    if (this.waiting.has(conversation)) return;
    this.waiting.set(conversation, { timer: setTimeout(() => this.save(conversation), 700) });
  }

  /** Keeps all that waits to be kept. */
  flush() {
    for (const conversation of [...this.waiting.keys()]) this.save(conversation);
  }

  /** Forgets a conversation. */
  remove(conversation) {
    clearTimeout(this.waiting.get(conversation)?.timer);
    this.waiting.delete(conversation);
    this.lasting.removeItem(conversationPrefix + conversation.id);
  }

  /** The settings, as they were written into their fields. */
  settings() {
    const kept = parsed(this.lasting.getItem(settingsKey));
    const settings = {};
    for (const name of settingNames) {
      settings[name] = typeof kept?.[name] === "string" ? kept[name] : "";
    }
    return { ...settings, key: this.session.getItem(apiKeyKey) ?? "" };
  }

  /** Keeps the settings. */
  saveSettings({ key, ...settings }) {
    this.write(this.lasting, settingsKey, JSON.stringify(settings));
    this.write(this.session, apiKeyKey, key);
  }

  /** The sampling settings that the user gave a name, each with `name` and `values`. */
  presets() {
    const kept = parsed(this.lasting.getItem(presetsKey));
    const whole = (Array.isArray(kept) ? kept : []).filter((each) =>
      typeof each?.name === "string" && typeof each.values === "object" && each.values !== null);
    return whole.map(({ name, values }) => ({ name, values }));
  }

  /** Keeps the presets. */
  savePresets(presets) {
    this.write(this.lasting, presetsKey, JSON.stringify(presets));
  }

  write(storage, key, text) {
    try {
      storage.setItem(key, text);
    } catch {
      showToast("This browser has no room left for it; delete conversations that you do not need.");
    }
  }
}

/** A new conversation, without messages. */
function newConversation() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  const id = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return { id, title: "", updated: Date.now(), messages: [] };
}

/** What a conversation is called until somebody names it: how it begins. */
function titleOf(conversation) {
  const begin = conversation.messages[0]?.content.trim().split("\n", 1)[0] ?? "";
  return conversation.title || [...begin].slice(0, 60).join("") || "New conversation";
}

/** Whether a conversation is what was kept of it. */
function isSameConversation(own, kept) {
  return JSON.stringify(readConversation(JSON.stringify(own))) === JSON.stringify(kept);
}

function openStorage(find) {
  try {
    const storage = find();
    storage.setItem("apus.probe", "");
    storage.removeItem("apus.probe");
    return storage;
  } catch {
    return new MemoryStorage();
  }
}

/** A stand-in for a browser's storage where there is none. */
class MemoryStorage {
  constructor() { this.entries = new Map(); }
  get length() { return this.entries.size; }
  key(index) { return [...this.entries.keys()][index] ?? null; }
  getItem(key) { return this.entries.get(key) ?? null; }
  setItem(key, text) { this.entries.set(key, text); }
  removeItem(key) { this.entries.delete(key); }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Reads a kept conversation; null if it is none, whoever wrote it. */
function readConversation(text) {
  const kept = parsed(text);
  if (typeof kept?.id !== "string" || !Array.isArray(kept.messages)) return null;
  return {
    id: kept.id,
    title: typeof kept.title === "string" ? kept.title : "",
    updated: Number.isFinite(kept.updated) ? kept.updated : 0,
    messages: readMessages(kept.messages),
  };
}
