/* Where messages are written. */

/** The text that is written, its files, and how much of the context is used. */
class Composer {
  /** `onSend` is called with the message, `onStop` when the answer shall end. */
  constructor({ onSend, onStop }) {
    this.onSend = onSend;
    this.isRunning = false;
    this.text = byId("composer-text");
    this.attachments = new Attachments(() => this.show());
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.text.addEventListener("keydown", (event) => {
      if (!sends(event)) return;
      event.preventDefault();
      this.send();
    });
    this.text.addEventListener("input", () => this.show());
    byId("stop").addEventListener("click", onStop);
    byId("ideas").addEventListener("click", (event) => {
      const idea = event.target.closest("button");
      if (!idea) return;
      this.text.value = idea.textContent;
      this.send();
    });
  }

  /** Sends what was written, if something was. */
  send() {
    const content = this.text.value.trim();
    if (this.isRunning || (!content && !this.attachments.files.length)) return;
    this.text.value = "";
    const files = this.attachments.take();
    this.onSend({ role: "user", content, ...(files.length ? { files } : {}) });
  }

  /** Shows what can be done; `isRunning` tells whether an answer is being written. */
  show(isRunning = this.isRunning) {
    this.isRunning = isRunning;
    const hadFocus = [byId("send"), byId("stop")].includes(document.activeElement);
    byId("send").hidden = isRunning;
    byId("stop").hidden = !isRunning;
    byId("send").disabled = !this.text.value.trim() && !this.attachments.files.length;
    if (hadFocus && isRunning) byId("stop").focus();
    else if (hadFocus) this.focus();
    fitHeight(this.text);
    const isCut = this.text.scrollHeight > this.text.clientHeight + 1;
    this.text.style.overflowY = isCut ? "auto" : "hidden";
  }

  /** Shows how much of the context a conversation uses. */
  showContext(messages, length) {
    const facts = messages.findLast((message) => message.facts?.prompt !== undefined)?.facts;
    const meter = byId("context");
    meter.hidden = !facts || !length;
    if (meter.hidden) return;
    const used = Math.min(length, facts.prompt + facts.tokens);
    const share = used / length;
    byId("context-ring").setAttribute("stroke-dasharray", `${(share * 100).toFixed(1)} 100`);
    byId("context-text").textContent = shortPercent(share);
    const text = `${longNumber(used)} of ${longNumber(length)} tokens of context used`;
    meter.setAttribute("aria-label", text);
    meter.title = text;
    meter.classList.toggle("full", share > 0.9);
  }

  /** Lets the user write, unless that would cover half of the screen. */
  focus() {
    if (!hasTouchKeyboard()) this.text.focus();
  }
}
