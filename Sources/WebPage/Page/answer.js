/* An answer while it is written, and messages as they are shown. */

/** Reads one answer into the last message of a conversation. */
class Answer {
  /** `onChange` is called when the message changed, `onEnd` when nothing will change any more. */
  constructor(conversation, message, { onChange, onEnd }) {
    this.conversation = conversation;
    this.message = message;
    this.onChange = onChange;
    this.onEnd = onEnd;
    this.controller = new AbortController();
    this.start = performance.now();
  }

  /** Asks, and reads until the end; what goes wrong becomes part of the message. */
  async run(request, key) {
    const { message } = this;
    message.facts = { tokens: 0 };
    try {
      for await (const chunk of streamChat(request, { key, signal: this.controller.signal })) {
        this.take(chunk);
      }
    } catch (error) {
      if (this.controller.signal.aborted) message.facts.reason = "stopped";
      else message.error = this.describe(error);
    }
    this.onEnd(this);
  }

  /** Ends the answer where it is. */
  stop() {
    this.controller.abort();
  }

  take(chunk) {
    const { message } = this;
    const { facts } = message;
    const choice = chunk.choices?.[0];
    const thinking = choice?.delta?.reasoning_content ?? choice?.delta?.reasoning ?? "";
    const text = choice?.delta?.content ?? "";
    if (thinking) message.thinking = (message.thinking ?? "") + thinking;
    message.content += text;
    if (choice?.finish_reason) facts.reason = choice.finish_reason;
    if (chunk.usage) facts.tokens = chunk.usage.completion_tokens;
    if (text || thinking) {
      const now = performance.now();
      facts.first ??= (now - this.start) / 1000;
      facts.seconds = (now - this.start) / 1000 - facts.first;
      if (!chunk.usage) facts.tokens += 1;
    }
    this.onChange(this);
  }

  describe(error) {
    if (!(error instanceof ServerError)) {
      return { text: `The answer cannot be read: ${error.message}.` };
    }
    const wait = error.retryAfter ? ` Try again in ${error.retryAfter} s.` : "";
    return { text: error.message + wait, needsKey: error.status === 401 };
  }
}

/** What is known of an answer besides its text, in few words. */
function factsText(facts) {
  if (!facts) return "";
  const parts = [];
  if (facts.tokens) parts.push(`${facts.tokens} ${facts.tokens === 1 ? "token" : "tokens"}`);
  if (facts.tokens > 1 && facts.seconds > 0) {
    parts.push(`${shortNumber((facts.tokens - 1) / facts.seconds)} tokens/s`);
  }
  if (facts.first !== undefined) parts.push(`first after ${shortSeconds(facts.first)}`);
  if (facts.reason === "stopped") parts.push("stopped");
  if (facts.reason === "length") parts.push("cut off: no tokens left");
  return parts.join(" · ");
}

/** A message in the page. */
class MessageView {
  /** `actions` are what its buttons do: `edit(text)`, `again()`, `openSettings()`. */
  constructor(message, actions) {
    this.message = message;
    this.actions = actions;
    this.node = fromTemplate("message-template");
    this.node.classList.add(message.role);
    this.body = this.node.querySelector(".message-body");
    this.find(".message-author").textContent = message.role === "user" ? "You" : "Model";
    this.find(".message-tools").setAttribute(
      "aria-label", message.role === "user" ? "Your message" : "The answer");
    const copy = this.find(".tool-copy");
    copy.addEventListener("click", () => copyText(message.content, copy));
    this.find(".tool-edit").hidden = message.role !== "user";
    this.find(".tool-edit").addEventListener("click", () => this.edit());
    this.find(".tool-again").hidden = message.role === "user";
    this.find(".tool-again").addEventListener("click", () => actions.again());
    this.update(false);
  }

  find(selector) {
    return this.node.querySelector(selector);
  }

  /** Shows the message as it is now. */
  update(isRunning) {
    const { message, body } = this;
    this.node.classList.toggle("running", isRunning);
    this.node.setAttribute("aria-busy", String(isRunning));
    if (message.role === "user") {
      body.textContent = message.content;
    } else if (message.content) {
      if (!body.blocks) body.replaceChildren();
      renderMarkdown(message.content, body);
    } else {
      body.replaceChildren(isRunning ? this.dots() : this.nothing());
    }
    this.find(".thinking").hidden = !message.thinking;
    this.find(".thinking-text").textContent = message.thinking ?? "";
    this.find(".message-facts").textContent = factsText(message.facts);
    this.showError();
  }

  dots() {
    const dots = element("span", element("span"), element("span"), element("span"));
    dots.className = "waiting";
    dots.setAttribute("aria-hidden", "true");
    return dots;
  }

  nothing() {
    const { error, facts } = this.message;
    if (error || facts?.reason === "stopped") return "";
    const note = element("p", "The model has nothing to say.");
    note.className = "hint";
    return note;
  }

  showError() {
    const { error } = this.message;
    const place = this.node.querySelector(":scope > .error");
    place.hidden = !error;
    if (!error) return;
    const button = element("button", error.needsKey ? "Enter an API key" : "Try again");
    button.type = "button";
    button.addEventListener("click", () =>
      error.needsKey ? this.actions.openSettings("key") : this.actions.again());
    place.replaceChildren(String(error.text), " ", button);
  }

  /** Lets the user write the message anew. */
  edit() {
    const form = fromTemplate("editor-template");
    const area = form.querySelector("textarea");
    const foot = this.find(".message-foot");
    const end = () => {
      form.remove();
      this.body.hidden = foot.hidden = false;
      this.find(".tool-edit").focus();
    };
    area.value = this.message.content;
    area.addEventListener("input", () => fitHeight(area));
    area.addEventListener("keydown", (event) => {
      if (event.key === "Escape") {
        event.preventDefault();
        end();
      } else if (sends(event)) {
        event.preventDefault();
        form.requestSubmit();
      }
    });
    form.querySelector("[data-cancels]").addEventListener("click", end);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (area.value.trim()) this.actions.edit(area.value.trim());
    });
    this.body.hidden = foot.hidden = true;
    this.body.after(form);
    fitHeight(area);
    area.focus();
  }
}

/** Whether a key sends what was written; where there is no keyboard, it only begins a line. */
function sends(event) {
  return event.key === "Enter" && !event.shiftKey && !event.isComposing && !hasTouchKeyboard();
}
