/* Messages as they are shown. */

const authorNames = { user: "You", assistant: "Model", tool: "Result" };

/** A message in the page. */
class MessageView {
  /** `actions` are what its buttons do: `edit(text)`, `again()`, `goOn()`, `branch(by)`,
      `prefer()`, `giveResults(texts)`, `openSettings(field)`. */
  constructor(message, actions) {
    this.message = message;
    this.actions = actions;
    this.node = fromTemplate("message-template");
    this.node.classList.add(message.role);
    this.body = this.find(".message-body");
    this.find(".message-author").textContent = authorNames[message.role];
    this.find(".message-tools").setAttribute("aria-label", this.isUser ? "Your message" : "The answer");
    this.offer();
    this.fileNodes = (message.files ?? []).map(fileNode);
    this.find(".message-files").append(...this.fileNodes);
  }

  get isUser() { return this.message.role === "user"; }

  find(selector) {
    return this.node.querySelector(selector);
  }

  offer() {
    const { message, actions } = this;
    const on = (name, action, isOffered = true) => {
      this.find(name).addEventListener("click", action);
      this.find(name).hidden = !isOffered;
    };
    const copy = this.find(".tool-copy");
    on(".tool-copy", () => copyText(requestText(message), copy));
    on(".tool-edit", () => this.edit(), this.isUser);
    on(".tool-again", () => actions.again(), message.role === "assistant");
    on(".tool-better", () => actions.prefer(), false);
    on(".tool-go-on", () => actions.goOn());
    on(".branch-before", () => actions.branch(-1));
    on(".branch-after", () => actions.branch(1));
    on(".message-facts", () => showFacts(message, this.find(".message-facts")));
  }

  /** Shows the message as it is now. `isRunning` says whether it is being written, `isBusy` whether
      any of its conversation is, `isLast` whether nothing follows, `isRated` whether the server takes
      ratings; `progress` tells of the prompt. */
  update({ isRunning, isBusy, isLast, isRated, progress }) {
    const { message } = this;
    this.node.classList.toggle("running", isRunning);
    this.node.setAttribute("aria-busy", String(isRunning));
    if (message.role === "assistant") this.showAnswer(isRunning, progress);
    else this.body.textContent = message.content;
    this.showCalls(isRunning, isLast);
    this.showFoot(isBusy, isLast);
    this.find(".tool-better").hidden = !isRated || isBusy || !worseAnswers(message).length;
    this.showError();
  }

  showAnswer(isRunning, progress) {
    const { message, body } = this;
    const { thinking, content, isOpen } = partsOf(message);
    this.showThinking(thinking, isRunning && (isOpen || !content), message.facts?.thought);
    if (content) {
      renderMarkdown(content, body);
      return;
    }
    const { shown } = body;
    body.shown = null;
    if (!isRunning) body.replaceChildren(this.nothing());
    else if (progress) body.replaceChildren(progressNode(progress));
    else if (shown || !body.querySelector(".waiting")) body.replaceChildren(waitingDots());
  }

  showThinking(thinking, isOpen, seconds) {
    const fold = this.find(".thinking");
    fold.hidden = !thinking;
    if (!thinking) return;
    fold.classList.toggle("running", isOpen);
    const time = seconds > 0 ? ` for ${shortSeconds(seconds)}` : "";
    this.find(".thinking-title").textContent = isOpen ? "Thinking" : `Thought${time}`;
    renderMarkdown(thinking, this.find(".thinking-text"));
  }

  showCalls(isRunning, isLast) {
    const { calls = [] } = this.message;
    const place = this.find(".calls");
    const source = JSON.stringify([calls, isRunning, isLast]);
    if (source === this.callSource || (!calls.length && !this.callSource)) return;
    this.callSource = source;
    const open = new Set([...place.children].map((fold, index) => (fold.open ? index : -1)));
    place.replaceChildren(...calls.map((call, index) => callNode(call, isRunning, open.has(index))));
    if (isLast && !isRunning && calls.length) place.append(this.resultsForm(calls));
  }

  /** Asks what the functions gave, which the page cannot call itself. */
  resultsForm(calls) {
    const fields = calls.map(({ name }) => {
      const area = element("textarea");
      area.rows = 2;
      area.placeholder = `What ${name || "the function"} gives`;
      area.setAttribute("aria-label", `Result of ${name || "the function"}`);
      return area;
    });
    const send = element("button", "Send the results");
    send.className = "button primary";
    const form = element("form", ...fields, send);
    form.className = "results";
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.actions.giveResults(fields.map((area) => area.value));
    });
    return form;
  }

  showFoot(isBusy, isLast) {
    const { message } = this;
    const { index, count } = placeOf(message);
    this.find(".branches").hidden = count === 1;
    this.find(".branch-place").textContent = `${index}/${count}`;
    this.find(".branch-place").setAttribute("aria-label", `Version ${index} of ${count}`);
    this.find(".branch-before").disabled = isBusy || index === 1;
    this.find(".branch-after").disabled = isBusy || index === count;
    const isCut = ["length", "stopped"].includes(message.facts?.reason) || Boolean(message.error);
    const goesOn = isLast && !isBusy && isCut && message.content.trim() && !partsOf(message).thinking;
    this.find(".tool-go-on").hidden = !goesOn || message.role !== "assistant";
    const facts = factsText(message.facts);
    this.find(".message-facts").textContent = facts;
    this.find(".message-facts").hidden = !facts;
    this.find(".tool-copy").hidden = !requestText(message);
  }

  nothing() {
    const { error, facts, thinking, calls } = this.message;
    if (error || facts?.reason === "stopped" || calls?.length) return "";
    const note = element("p", thinking ? "The model thought, and said nothing."
      : "The model has nothing to say.");
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

function waitingDots() {
  const dots = element("span", element("span"), element("span"), element("span"));
  dots.className = "waiting";
  dots.setAttribute("aria-hidden", "true");
  return dots;
}

/** How much of the prompt the server has read. */
function progressNode({ share, total }) {
  const bar = element("progress");
  bar.value = share;
  const text = `Reading ${longNumber(total)} tokens: ${Math.round(share * 100)} %`;
  bar.setAttribute("aria-label", text);
  const node = element("p", bar, text);
  node.className = "reading hint";
  return node;
}

/** A call of a function, folded. */
function callNode(call, isRunning, isOpen) {
  const name = element("code", call.name || "…");
  const summary = element("summary", icon("tool"), isRunning ? "Calls " : "Called ", name);
  const written = parsed(call.arguments);
  const text = written === null ? call.arguments : JSON.stringify(written, null, 2);
  const fold = element("details", summary, new ShownCode({ language: "json", text }).node);
  fold.className = "fold call";
  fold.open = isOpen;
  return fold;
}

/** Whether a key sends what was written; where there is no keyboard, it only begins a line. */
function sends(event) {
  return event.key === "Enter" && !event.shiftKey && !event.isComposing && !hasTouchKeyboard();
}
