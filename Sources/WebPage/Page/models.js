/* The models that are served. */

const unreachable = "not reachable";
const needsKey = "API key needed";

/** The models that are served, and which of them answers. */
class ServedModels {
  constructor(store) {
    this.store = store;
    this.models = [];
    this.trouble = "";
    byId("model-picker").addEventListener("change", (event) => {
      this.store.saveSettings({ ...this.store.settings(), model: event.target.value });
      this.show();
    });
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
    return this.trouble !== unreachable;
  }

  /** The name of the model that the settings choose, or of the first. */
  chosen(settings) {
    const ids = this.models.map((model) => model.id);
    return ids.includes(settings.model) ? settings.model : ids[0] ?? "";
  }

  /** The tokens that a conversation with the chosen model may have, if the server tells. */
  get contextLength() {
    const name = this.chosen(this.store.settings());
    return this.models.find((model) => model.id === name)?.max_model_len;
  }

  /** Whether the server keeps ratings of answers. */
  get takesFeedback() {
    const name = this.chosen(this.store.settings());
    return this.models.some((model) => model.id === name && model.feedback === true);
  }

  /** Takes over whether the server answered; once it does again, its models may be others. */
  noteState(isReached) {
    if (isReached) {
      this.load();
    } else {
      this.trouble = unreachable;
      this.show();
    }
  }

  show() {
    const name = this.chosen(this.store.settings());
    const isChoice = this.models.length > 1 && !this.trouble;
    const picker = byId("model-picker");
    picker.hidden = !isChoice;
    picker.replaceChildren(...this.models.map((model) => new Option(model.id, model.id)));
    picker.value = name;
    byId("server-state").className = `state ${this.trouble ? "bad" : "good"}`;
    byId("model-name").hidden = isChoice;
    byId("model-name").textContent = this.trouble || name;
    byId("model-name").title = name;
    byId("welcome-model").textContent = this.welcome(name);
  }

  welcome(name) {
    if (this.trouble === needsKey) return "This server wants an API key; enter it in the settings.";
    const length = this.contextLength;
    return length ? `${name}, conversations of up to ${longNumber(length)} tokens` : name;
  }
}
