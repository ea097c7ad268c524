/* The settings: their fields, what is wrong with them, and what they are in a request. */

const wholeNumber = (text) => (/^\d{1,15}$/.test(text) ? Number(text) : NaN);
const decimalNumber = (text) => (/^\d*[.,]?\d+$/.test(text) ? Number(text.replace(",", ".")) : NaN);

/** The settings that are numbers: how each is called, read, judged, and sent. */
const numberSettings = [
  {
    name: "temperature", field: "temperature", read: decimalNumber,
    allows: (value) => value >= 0 && value <= 2,
    rule: "The temperature must be from 0 to 2.",
  },
  {
    name: "topP", field: "top_p", read: decimalNumber,
    allows: (value) => value > 0 && value <= 1,
    rule: "Top-p must be above 0, and 1 at most.",
  },
  {
    name: "maxTokens", field: "max_completion_tokens", read: wholeNumber,
    allows: (value) => value >= 1 && Number.isSafeInteger(value),
    rule: "The maximum of tokens must be a whole number from 1.",
  },
  {
    name: "seed", field: "seed", read: wholeNumber,
    allows: (value) => Number.isSafeInteger(value),
    rule: "The seed must be a whole number of at most 15 digits.",
  },
];

/** The request for the next message of a conversation. */
function chatRequest(settings, model, messages) {
  const request = { model, messages: [] };
  if (settings.system.trim()) request.messages.push({ role: "system", content: settings.system });
  for (const { role, content } of messages) {
    if (role === "user" || content) request.messages.push({ role, content });
  }
  for (const { name, field, read, allows } of numberSettings) {
    const value = read(settings[name].trim());
    if (settings[name].trim() && allows(value)) request[field] = value;
  }
  return request;
}

/** The dialog in which the settings are changed. */
class SettingsDialog {
  /** `onSave` is called with the new settings. */
  constructor(store, onSave) {
    this.store = store;
    this.dialog = byId("settings");
    this.form = byId("settings-form");
    this.models = [];
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (this.save()) onSave();
    });
    this.form.addEventListener("keydown", (event) => {
      const saves = event.key === "Enter" && (event.ctrlKey || event.metaKey);
      if (saves) this.form.requestSubmit();
    });
    byId("settings-reset").addEventListener("click", () => this.fill({}));
  }

  /** Shows the dialog, at one of its fields if one is named. */
  open(field) {
    this.fill(this.store.settings());
    this.dialog.showModal();
    this.form.elements[field]?.focus();
  }

  fill(settings) {
    const choice = this.form.elements.model;
    choice.replaceChildren(...this.models.map((model) => new Option(model.id, model.id)));
    byId("model-field").hidden = this.models.length < 2;
    for (const field of this.form.elements) {
      if (!field.name) continue;
      field.value = settings[field.name] ?? "";
      field.removeAttribute("aria-invalid");
    }
    if (choice.selectedIndex < 0) choice.selectedIndex = 0;
    byId("settings-error").hidden = true;
  }

  save() {
    const values = {};
    for (const field of this.form.elements) if (field.name) values[field.name] = field.value;
    values.key = values.key.trim();
    const wrong = numberSettings.filter(({ name, read, allows }) =>
      values[name].trim() && !allows(read(values[name].trim())));
    for (const { name } of numberSettings) {
      const isWrong = wrong.some((setting) => setting.name === name);
      this.form.elements[name].setAttribute("aria-invalid", String(isWrong));
    }
    byId("settings-error").hidden = wrong.length === 0;
    byId("settings-error").textContent = wrong.map((setting) => setting.rule).join(" ");
    if (wrong.length > 0) {
      this.form.elements[wrong[0].name].focus();
      return false;
    }
    this.store.saveSettings(values);
    this.dialog.close();
    return true;
  }
}
