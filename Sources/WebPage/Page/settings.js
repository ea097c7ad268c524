/* The settings: their fields, what is wrong with them, and their presets. */

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
  {
    name: "topK", field: "top_k", read: wholeNumber,
    allows: (value) => Number.isSafeInteger(value),
    rule: "Top-k must be a whole number.",
  },
  {
    name: "minP", field: "min_p", read: decimalNumber,
    allows: (value) => value >= 0 && value <= 1,
    rule: "Min-p must be from 0 to 1.",
  },
  {
    name: "repetition", field: "repetition_penalty", read: decimalNumber,
    allows: (value) => value > 0 && value <= 2,
    rule: "The repetition penalty must be above 0, and 2 at most.",
  },
];

// What a preset sets; what it does not name is left to the model.
const presetFields = ["temperature", "topP", "topK", "minP", "repetition"];
const usualPresets = [
  { name: "As the model suggests", values: {} },
  { name: "Exact", values: { temperature: "0" } },
  { name: "Careful", values: { temperature: "0.3", topP: "0.9" } },
  { name: "Balanced", values: { temperature: "0.7", topP: "0.95" } },
  { name: "Inventive", values: { temperature: "1.1", minP: "0.05" } },
];

/** The presets of sampling: those that there always are, and the user's own. */
class Presets {
  constructor(store, form) {
    this.store = store;
    this.form = form;
    this.choice = byId("set-preset");
    this.choice.addEventListener("change", () => this.apply());
    byId("preset-save").addEventListener("click", () => this.ask());
    byId("preset-delete").addEventListener("click", () => this.remove());
    byId("preset-keep").addEventListener("click", () => this.keep());
    byId("preset-name").addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing) return;
      event.preventDefault();
      this.keep();
    });
    form.addEventListener("input", (event) => {
      if (presetFields.includes(event.target.name)) this.show();
    });
  }

  get all() { return [...usualPresets, ...this.store.presets()]; }

  /** Shows which preset the fields are, if any. */
  show() {
    const { all } = this;
    const values = this.values();
    const isSame = (preset) =>
      presetFields.every((name) => (preset.values[name] ?? "") === values[name]);
    const at = all.findLastIndex(isSame);
    const options = all.map(({ name }, index) => new Option(name, index));
    if (at < 0) options.push(new Option("Your own", ""));
    this.choice.replaceChildren(...options);
    this.choice.value = at < 0 ? "" : String(at);
    byId("preset-delete").hidden = at < usualPresets.length;
    byId("preset-save").hidden = at >= 0;
    byId("preset-naming").hidden = true;
  }

  values() {
    const { elements } = this.form;
    return Object.fromEntries(presetFields.map((name) => [name, elements[name].value.trim()]));
  }

  apply() {
    const preset = this.all[Number(this.choice.value)];
    if (!preset || this.choice.value === "") return;
    for (const name of presetFields) {
      const value = preset.values[name];
      this.form.elements[name].value = typeof value === "string" ? value : "";
    }
    this.show();
  }

  ask() {
    byId("preset-naming").hidden = false;
    byId("preset-name").value = "";
    byId("preset-name").focus();
  }

  keep() {
    const name = byId("preset-name").value.trim();
    if (!name) return;
    const others = this.store.presets().filter((preset) => preset.name !== name);
    this.store.savePresets([...others, { name, values: this.values() }]);
    this.show();
    this.choice.focus();
  }

  remove() {
    const at = Number(this.choice.value) - usualPresets.length;
    this.store.savePresets(this.store.presets().filter((preset, index) => index !== at));
    this.show();
    this.choice.focus();
  }
}

/** The dialog in which the settings are changed. */
class SettingsDialog {
  /** `onSave` is called with the new settings. */
  constructor(store, onSave) {
    this.store = store;
    this.dialog = byId("settings");
    this.form = byId("settings-form");
    this.models = [];
    this.presets = new Presets(store, this.form);
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
    byId("settings-more").open = ["topK", "minP", "repetition"].some((name) => settings[name]);
    this.presets.show();
  }

  save() {
    const values = this.store.settings();
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
      const field = this.form.elements[wrong[0].name];
      if (byId("settings-more").contains(field)) byId("settings-more").open = true;
      field.focus();
      return false;
    }
    this.store.saveSettings(values);
    this.dialog.close();
    return true;
  }
}
