/* The form that answers must have, and the functions that the model may call. */

const formNames = { "": "Free text", json: "JSON", schema: "JSON Schema" };

/** The fields of a request that settings ask for besides its numbers. */
function formFields({ form, schema, tools }) {
  const fields = {};
  if (form === "json") fields.response_format = { type: "json_object" };
  if (form === "schema" && parsed(schema)) {
    fields.response_format = {
      type: "json_schema", json_schema: { name: "answer", schema: parsed(schema) },
    };
  }
  if (parsed(tools)?.length) fields.tools = parsed(tools).map(wholeTool);
  return fields;
}

/** A tool as the API wants it; the description of a function alone is enough. */
function wholeTool(tool) {
  return tool?.type ? tool : { type: "function", function: tool };
}

/** What is wrong with what was written; empty if nothing is. */
function formTrouble({ form, schema, tools }) {
  if (form === "schema") {
    const read = parsed(schema);
    if (read === null || typeof read !== "object" || Array.isArray(read)) {
      return { field: "schema", text: `The schema is no JSON object${whereWrong(schema)}.` };
    }
  }
  if (tools.trim() && !Array.isArray(parsed(tools))) {
    return { field: "tools", text: `The functions are no JSON list${whereWrong(tools)}.` };
  }
  return null;
}

/** What the browser says about a text that is no JSON. */
function whereWrong(text) {
  if (!text.trim()) return "; nothing is written";
  try {
    JSON.parse(text);
    return "";
  } catch (error) {
    return `: ${error.message}`;
  }
}

/** The dialog in which the form of answers is chosen. */
class FormDialog {
  /** `onSave` is called when something else was chosen. */
  constructor(store, onSave) {
    this.store = store;
    this.onSave = onSave;
    this.dialog = byId("form");
    this.form = byId("form-form");
    byId("open-form").addEventListener("click", () => this.open());
    this.form.addEventListener("change", () => this.showFields());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.save();
    });
    this.form.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.form.requestSubmit();
    });
    this.show();
  }

  /** Shows in the composer what is chosen. */
  show() {
    const { form, tools } = this.store.settings();
    const count = parsed(tools)?.length ?? 0;
    const functions = `${count} ${count === 1 ? "function" : "functions"}`;
    const names = [form || !count ? formNames[form] ?? formNames[""] : "", count ? functions : ""];
    byId("form-name").textContent = names.filter(Boolean).join(" · ");
    byId("open-form").classList.toggle("chosen", Boolean(form || count));
  }

  open() {
    const { form, schema, tools } = this.store.settings();
    const { elements } = this.form;
    elements.form.value = Object.hasOwn(formNames, form) ? form : "";
    elements.schema.value = schema;
    elements.tools.value = tools;
    byId("form-error").hidden = true;
    byId("form-tools").open = Boolean(tools);
    this.showFields();
    this.dialog.showModal();
  }

  showFields() {
    byId("schema-field").hidden = this.form.elements.form.value !== "schema";
  }

  save() {
    const { form, schema, tools } = this.form.elements;
    const values = { form: form.value, schema: schema.value, tools: tools.value };
    const trouble = formTrouble(values);
    for (const field of [schema, tools]) {
      field.setAttribute("aria-invalid", String(field.name === trouble?.field));
    }
    byId("form-error").hidden = !trouble;
    byId("form-error").textContent = trouble?.text ?? "";
    if (trouble) {
      this.form.elements[trouble.field].focus();
      return;
    }
    this.store.saveSettings({ ...this.store.settings(), ...values });
    this.dialog.close();
    this.show();
    this.onSave();
  }
}
