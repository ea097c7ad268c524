/* The conversation that is shown, and the answers that are being written. */

// What takes longer to show than this is followed by a rest so many times as long, in which the page
// does what people want of it.
const cheapMilliseconds = 8;
const restFactor = 2;

/** All conversations, the one that is shown, and what people do with it. */
class Chat {
  /** `onChosen` is called when the user chose what to see, `openSettings` with a field to fill,
      `onReached` with whether the server answered. */
  constructor(store, models, { onChosen, openSettings, onReached }) {
    this.store = store;
    this.models = models;
    this.onChosen = onChosen;
    this.openSettings = openSettings;
    this.onReached = onReached;
    this.conversations = store.conversations();
    this.current = newConversation();
    this.answers = new Map();
    this.views = new Map();
    this.changed = new Set();
    this.cost = 0;
    this.scroller = byId("scroller");
    this.composer = new Composer({
      onSend: (message) => this.send(message), onStop: () => this.stop(),
    });
    this.list = new ConversationList({
      open: (conversation) => {
        this.open(conversation);
        onChosen();
      },
      rename: (conversation, title) => this.rename(conversation, title),
      remove: (conversation) => this.remove(conversation),
      refresh: () => this.showList(),
    });
    this.listen();
    this.open(this.conversations[0] ?? this.current);
  }

  listen() {
    byId("new-chat").addEventListener("click", () => this.openNew());
    byId("to-end").addEventListener("click", () => this.toEnd());
    this.scroller.addEventListener("scroll", () => this.showToEnd(), { passive: true });
    // A keyboard on the screen takes room away; the end stays in sight.
    new ResizeObserver(() => this.follows && this.toEnd()).observe(this.scroller);
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
      const isSame = own && (this.answers.has(own) || isSameConversation(own, kept));
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
    this.list.endSearch();
    this.open(this.current.messages.length ? newConversation() : this.current);
    this.onChosen();
    this.composer.text.focus();
  }

  /** Shows the conversation above or below in the list. */
  step(by) {
    const at = this.conversations.indexOf(this.current);
    const next = this.conversations[Math.max(0, at + by)];
    if (next && next !== this.current) this.open(next);
    this.onChosen();
  }

  /** Adds conversations of a file, and shows the first. */
  add(conversations) {
    for (const each of conversations.toReversed()) this.touch(each, each.updated);
    if (conversations.length) this.open(conversations[0]);
  }

  /** Sends a message of the user. */
  send(message) {
    if (this.answers.has(this.current)) return;
    this.current.messages.push(message);
    this.answer();
  }

  /** Ends the answer that is being written in the conversation shown. */
  stop() {
    this.answers.get(this.current)?.stop();
  }

  /** Lets the model write the next message of the conversation shown, or one that is there
      already, from its beginning or, if it `goesOn`, from its end. */
  answer(begun = null, goesOn = false) {
    const conversation = this.current;
    const message = begun ?? { role: "assistant", content: "" };
    if (!begun) conversation.messages.push(message);
    const settings = this.store.settings();
    const model = this.models.chosen(settings);
    const end = conversation.messages.indexOf(message) + (goesOn ? 1 : 0);
    const request = chatRequest(settings, model, conversation.messages.slice(0, end));
    if (goesOn) request.continue_final_message = true;
    message.model = model;
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
    const show = () => requestAnimationFrame(() => this.showChanges());
    if (this.changed.size === 0) setTimeout(show, restFactor * this.cost);
    this.changed.add(answer);
  }

  showChanges() {
    const begin = performance.now();
    for (const answer of this.changed) this.showAnswer(answer);
    this.changed.clear();
    const cost = performance.now() - begin;
    this.cost = cost > cheapMilliseconds ? cost : 0;
  }

  showAnswer(answer) {
    const view = this.views.get(answer.message);
    if (!view) return;
    const follows = this.isAtEnd;
    view.update(this.stateOf(answer.message));
    this.showContext();
    if (follows) this.toEnd();
    else this.showToEnd();
  }

  end(answer) {
    const { conversation, message } = answer;
    if (this.answers.get(conversation) === answer) this.answers.delete(conversation);
    this.onReached(!answer.isUnreachable);
    // Whoever undid or deleted it in the meantime does not want it back.
    const isWanted = this.conversations.includes(conversation)
      && everyMessage(conversation).includes(message);
    if (!isWanted) return;
    this.store.save(conversation);
    this.showList();
    this.showAnswer(answer);
    if (conversation === this.current) this.refresh();
    this.showComposer();
    if (message.error) this.models.load();
    announce(message.error ? message.error.text : endOf(message));
  }

  /** Keeps a conversation, as the one used last. */
  touch(conversation, time = Date.now()) {
    conversation.updated = time;
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
    this.composer.focus();
    showToast(`“${titleOf(conversation)}” is deleted.`, "Undo", () => {
      this.touch(conversation);
      this.open(conversation);
    });
  }

  /** Begins a branch with another message of the user. */
  edit(message, content) {
    this.branch(message, { ...message, content, others: undefined });
    this.answer();
    this.composer.focus();
  }

  /** Begins a branch with another answer; one that said nothing is replaced. */
  again(message) {
    const fresh = { role: "assistant", content: "" };
    const isEmpty = !message.content && !message.thinking && !message.calls;
    if (isEmpty) this.cutAfter(message);
    else this.branch(message, fresh);
    this.answer(isEmpty ? message : fresh);
    this.composer.focus();
  }

  cutAfter(message) {
    const { messages } = this.current;
    this.current.messages = messages.slice(0, messages.indexOf(message) + 1);
  }

  branch(message, begun) {
    const conversation = this.current;
    this.stop();
    const undo = beginBranch(conversation, message, begun);
    showToast("The earlier version is kept; ‹ and › lead to it.", "Undo", () => {
      this.answers.get(conversation)?.stop();
      this.answers.delete(conversation);
      undo();
      this.touch(conversation);
      this.open(conversation);
    });
  }

  /** Shows another version of a message, and what followed it. */
  showOther(message, by) {
    if (this.answers.has(this.current)) return;
    const at = this.current.messages.indexOf(message);
    showBranch(this.current, message, by);
    this.touch(this.current);
    this.showMessages();
    this.showContext();
    const shown = this.current.messages[at];
    const { index, count } = placeOf(shown);
    announce(`Version ${index} of ${count}`);
    const view = this.views.get(shown);
    const wanted = by < 0 ? ".branch-before" : ".branch-after";
    const button = view.find(wanted);
    (button.disabled ? view.find(`.branches button:not(${wanted})`) : button).focus();
    this.showToEnd();
  }

  /** Tells the server that one version of an answer is better than the others. */
  async prefer(message) {
    const settings = this.store.settings();
    const model = this.models.chosen(settings);
    const before = this.current.messages.slice(0, this.current.messages.indexOf(message));
    const { messages } = chatRequest(settings, model, before);
    const chosen = requestText(message);
    try {
      for (const rejected of worseAnswers(message)) {
        const body = { model, messages, chosen, rejected };
        await ask("/v1/feedback", { key: settings.key, body });
      }
      showToast("The server has noted that this version is better.");
    } catch (error) {
      showToast(error.message);
    }
  }

  /** Tells the model what the functions gave that it called. */
  giveResults(message, texts) {
    if (this.answers.has(this.current)) return;
    message.calls.forEach((call, index) => {
      call.id ||= `call_${this.current.messages.length}_${index}`;
      this.current.messages.push({ role: "tool", call: call.id, content: texts[index] });
    });
    this.answer();
    this.composer.focus();
  }

  showMessages() {
    this.views.clear();
    for (const message of this.current.messages) {
      this.views.set(message, new MessageView(message, {
        edit: (content) => this.edit(message, content),
        again: () => this.again(message),
        goOn: () => this.answer(message, true),
        branch: (by) => this.showOther(message, by),
        prefer: () => this.prefer(message),
        giveResults: (texts) => this.giveResults(message, texts),
        openSettings: this.openSettings,
      }));
    }
    this.refresh();
    byId("messages").replaceChildren(...[...this.views.values()].map((view) => view.node));
    byId("welcome").hidden = this.current.messages.length > 0;
  }

  /** Shows the messages as they are now. */
  refresh() {
    for (const [message, view] of this.views) view.update(this.stateOf(message));
  }

  /** What there is to know of a message besides what it says. */
  stateOf(message) {
    const running = this.answers.get(this.current);
    const isRunning = running?.message === message;
    return {
      isRunning, isBusy: Boolean(running), isLast: message === this.current.messages.at(-1),
      isRated: this.models.takesFeedback, progress: isRunning ? running.progress : null,
    };
  }

  showComposer() {
    this.composer.show(this.answers.has(this.current));
    this.showContext();
  }

  showContext() {
    this.composer.showContext(this.current.messages, this.models.contextLength);
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

// A longer answer is left to be read when the listener likes.
const longestAnnounced = 300;

function endOf(message) {
  const { content } = partsOf(message);
  return content && content.length <= longestAnnounced ? content : "The answer is complete";
}
