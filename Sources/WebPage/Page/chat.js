/* The conversation that is shown, and the answers that are being written. */

/** All conversations, the one that is shown, and what people do with it. */
class Chat {
  /** `onChosen` is called when the user chose what to see, `openSettings` with a field to fill. */
  constructor(store, models, { onChosen, openSettings }) {
    this.store = store;
    this.models = models;
    this.onChosen = onChosen;
    this.openSettings = openSettings;
    this.conversations = store.conversations();
    this.current = newConversation();
    this.answers = new Map();
    this.views = new Map();
    this.changed = new Set();
    this.text = byId("composer-text");
    this.scroller = byId("scroller");
    this.list = new ConversationList({
      open: (conversation) => {
        this.open(conversation);
        onChosen();
      },
      rename: (conversation, title) => this.rename(conversation, title),
      remove: (conversation) => this.remove(conversation),
    });
    this.listen();
    this.open(this.conversations[0] ?? this.current);
  }

  listen() {
    byId("composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.send();
    });
    this.text.addEventListener("keydown", (event) => {
      if (!sends(event)) return;
      event.preventDefault();
      this.send();
    });
    this.text.addEventListener("input", () => this.showComposer());
    byId("stop").addEventListener("click", () => this.stop());
    byId("new-chat").addEventListener("click", () => this.openNew());
    byId("to-end").addEventListener("click", () => this.toEnd());
    this.scroller.addEventListener("scroll", () => this.showToEnd(), { passive: true });
    // A keyboard on the screen takes room away; the end stays in sight.
    new ResizeObserver(() => this.follows && this.toEnd()).observe(this.scroller);
    byId("ideas").addEventListener("click", (event) => {
      const idea = event.target.closest("button");
      if (!idea) return;
      this.text.value = idea.textContent;
      this.send();
    });
    addEventListener("storage", (event) => {
      if (event.key === null || event.key.startsWith(conversationPrefix)) this.reload();
    });
    for (const name of ["pagehide", "visibilitychange"]) {
      addEventListener(name, () => this.store.flush());
    }
  }

  /** Takes over what another tab changed, unless an answer is being written here. */
  reload() {
    const known = new Map(this.conversations.map((each) => [each.id, each]));
    this.conversations = this.store.conversations().map((kept) => {
      const own = known.get(kept.id);
      const isSame = own && (this.answers.has(own) || JSON.stringify(own) === JSON.stringify(kept));
      return isSame ? own : kept;
    });
    const current = this.conversations.find((each) => each.id === this.current.id);
    if (current && current !== this.current) this.open(current);
    else this.showList();
  }

  /** Shows a conversation. */
  open(conversation) {
    this.current = conversation;
    this.showMessages();
    this.showComposer();
    this.showList();
    this.toEnd();
  }

  /** Shows an empty conversation; it is kept once something is said in it. */
  openNew() {
    this.open(this.current.messages.length ? newConversation() : this.current);
    this.onChosen();
    this.text.focus();
  }

  /** Shows the conversation above or below in the list. */
  step(by) {
    const at = this.conversations.indexOf(this.current);
    const next = this.conversations[Math.max(0, at + by)];
    if (next && next !== this.current) this.open(next);
    this.onChosen();
  }

  /** Sends what was written. */
  send() {
    const content = this.text.value.trim();
    if (!content || this.answers.has(this.current)) return;
    this.text.value = "";
    this.current.messages.push({ role: "user", content });
    this.answer();
  }

  /** Ends the answer that is being written in the conversation shown. */
  stop() {
    this.answers.get(this.current)?.stop();
  }

  /** Lets the model write the next message of the conversation shown. */
  answer() {
    const conversation = this.current;
    const message = { role: "assistant", content: "" };
    const settings = this.store.settings();
    const request = chatRequest(settings, this.models.chosen(settings), conversation.messages);
    conversation.messages.push(message);
    const answer = new Answer(conversation, message, {
      onChange: () => this.noteChange(answer),
      onEnd: () => this.end(answer),
    });
    this.answers.set(conversation, answer);
    this.touch(conversation);
    announce("The model is answering");
    this.showMessages();
    this.showComposer();
    this.toEnd();
    answer.run(request, settings.key);
  }

  noteChange(answer) {
    this.store.saveSoon(answer.conversation);
    if (this.changed.size === 0) requestAnimationFrame(() => this.showChanges());
    this.changed.add(answer);
  }

  showChanges() {
    for (const answer of this.changed) this.showAnswer(answer);
    this.changed.clear();
  }

  showAnswer(answer) {
    const view = this.views.get(answer.message);
    if (!view) return;
    const follows = this.isAtEnd;
    view.update(this.answers.get(answer.conversation) === answer);
    if (follows) this.toEnd();
    else this.showToEnd();
  }

  end(answer) {
    const { conversation, message } = answer;
    if (this.answers.get(conversation) === answer) this.answers.delete(conversation);
    // Whoever undid or deleted it in the meantime does not want it back.
    const isWanted = this.conversations.includes(conversation)
      && conversation.messages.includes(message);
    if (!isWanted) return;
    this.store.save(conversation);
    this.showList();
    this.showAnswer(answer);
    this.showComposer();
    this.models.noteAnswer(message.error);
    announce(message.error ? message.error.text : "The answer is complete");
  }

  /** Keeps a conversation, as the one used last. */
  touch(conversation) {
    conversation.updated = Date.now();
    const others = this.conversations.filter((each) => each !== conversation);
    this.conversations = [conversation, ...others];
    this.store.save(conversation);
    this.showList();
  }

  rename(conversation, title) {
    conversation.title = title;
    this.store.save(conversation);
    this.showList();
  }

  remove(conversation) {
    const at = this.conversations.indexOf(conversation);
    this.answers.get(conversation)?.stop();
    this.conversations = this.conversations.filter((each) => each !== conversation);
    this.store.remove(conversation);
    if (conversation === this.current) {
      this.open(this.conversations[at] ?? this.conversations.at(-1) ?? newConversation());
    } else {
      this.showList();
    }
    this.focusText();
    showToast(`“${titleOf(conversation)}” is deleted.`, "Undo", () => {
      this.touch(conversation);
      this.open(conversation);
    });
  }

  /** Replaces a message of the user, and what followed. */
  edit(message, content) {
    this.cut(message, "What followed is replaced.");
    this.current.messages.push({ role: "user", content });
    this.answer();
    this.focusText();
  }

  /** Replaces an answer, and what followed. */
  again(message) {
    this.cut(message, message.content ? "The answer is replaced." : "");
    this.answer();
    this.focusText();
  }

  cut(message, note) {
    const conversation = this.current;
    const before = conversation.messages;
    this.stop();
    conversation.messages = before.slice(0, before.indexOf(message));
    if (!note) return;
    showToast(note, "Undo", () => {
      this.answers.get(conversation)?.stop();
      this.answers.delete(conversation);
      conversation.messages = before;
      this.touch(conversation);
      this.open(conversation);
    });
  }

  /** Lets the user write, unless that would cover half of the screen. */
  focusText() {
    if (!hasTouchKeyboard()) this.text.focus();
  }

  showMessages() {
    this.views.clear();
    const running = this.answers.get(this.current);
    for (const message of this.current.messages) {
      const view = new MessageView(message, {
        edit: (content) => this.edit(message, content),
        again: () => this.again(message),
        openSettings: this.openSettings,
      });
      view.update(running?.message === message);
      this.views.set(message, view);
    }
    byId("messages").replaceChildren(...[...this.views.values()].map((view) => view.node));
    byId("welcome").hidden = this.current.messages.length > 0;
  }

  showComposer() {
    const isRunning = this.answers.has(this.current);
    const hadFocus = [byId("send"), byId("stop")].includes(document.activeElement);
    byId("send").hidden = isRunning;
    byId("stop").hidden = !isRunning;
    byId("send").disabled = !this.text.value.trim();
    if (hadFocus && isRunning) byId("stop").focus();
    else if (hadFocus) this.focusText();
    fitHeight(this.text);
    const isCut = this.text.scrollHeight > this.text.clientHeight + 1;
    this.text.style.overflowY = isCut ? "auto" : "hidden";
  }

  showList() {
    this.list.show(this.conversations, this.current, (each) => this.answers.has(each));
    const name = this.current.messages.length ? `${titleOf(this.current)} – ` : "";
    document.title = `${name}Apus`;
  }

  get isAtEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight < 48;
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.showToEnd();
  }

  showToEnd() {
    this.follows = this.isAtEnd;
    byId("to-end").hidden = this.follows;
  }
}
