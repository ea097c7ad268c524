/* An answer while it is written, and the request that asks for it. */

/** The request for the next message of a conversation. */
function chatRequest(settings, model, messages) {
  const request = { model, messages: [], return_progress: true };
  if (settings.system.trim()) request.messages.push({ role: "system", content: settings.system });
  request.messages.push(...messages.flatMap((message) => requestMessages(message, messages)));
  for (const { name, field, read, allows } of numberSettings) {
    const value = read(settings[name].trim());
    if (settings[name].trim() && allows(value)) request[field] = value;
  }
  return Object.assign(request, formFields(settings));
}

/** A message as the server wants it; none for an answer that says nothing. */
function requestMessages(message, all) {
  const { role, call, calls = [] } = message;
  if (role === "tool") return [{ role, tool_call_id: call, content: message.content }];
  const content = requestText(message);
  // Servers want the result of each call that they are told of.
  const isWhole = calls.length > 0 && calls.every(({ id }) => all.some((each) => each.call === id));
  if (isWhole) return [{ role, content, tool_calls: calls.map(requestCall), ...thoughtOf(message) }];
  return role === "user" || content ? [{ role, content }] : [];
}

/** What was thought before a call, which a model wants to see again with its result. */
function thoughtOf(message) {
  const { thinking } = partsOf(message);
  return thinking ? { reasoning_content: thinking } : {};
}

function requestCall({ id, name, arguments: text }) {
  return { id, type: "function", function: { name, arguments: text } };
}

/** What a message says, with the files that are attached to it, and without what was thought. */
function requestText(message) {
  if (message.role === "assistant") return partsOf(message).content;
  const files = (message.files ?? []).map(({ name, text }) => {
    const ticks = Math.max(2, ...(text.match(/`+/g) ?? []).map((run) => run.length)) + 1;
    return `${name}:\n${"`".repeat(ticks)}\n${text}\n${"`".repeat(ticks)}`;
  });
  return [message.content, ...files].filter(Boolean).join("\n\n");
}

const beginOfThinking = "<think>";
const endOfThinking = "</think>";

/** What an answer thinks, and what it says, wherever the thoughts were written. */
function partsOf({ content, thinking = "" }) {
  const text = content.trimStart();
  const begins = text.startsWith(beginOfThinking);
  const end = content.indexOf(endOfThinking);
  if (!begins && (thinking || end < 0)) {
    const isBegun = text && beginOfThinking.startsWith(text);
    return { thinking, content: isBegun ? "" : content, isOpen: false };
  }
  const from = begins ? content.indexOf(beginOfThinking) + beginOfThinking.length : 0;
  const thought = (thinking + content.slice(from, end < 0 ? undefined : end)).trim();
  if (end < 0) return { thinking: withoutBegun(thought), content: "", isOpen: true };
  const rest = content.slice(end + endOfThinking.length).trimStart();
  return { thinking: thought, content: rest, isOpen: false };
}

/** A text without the beginning of the end of thinking that may stand at its end. */
function withoutBegun(text) {
  const at = text.lastIndexOf("<");
  return at >= 0 && endOfThinking.startsWith(text.slice(at)) ? text.slice(0, at) : text;
}

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
    // The share of the prompt that was read, if the server tells it.
    this.progress = null;
    this.tokensBefore = message.facts?.tokens ?? 0;
  }

  /** Asks, and reads until the end; what goes wrong becomes part of the message. */
  async run(request, key) {
    const { message } = this;
    message.facts = { tokens: this.tokensBefore };
    delete message.error;
    try {
      for await (const chunk of streamChat(request, { key, signal: this.controller.signal })) {
        this.take(chunk);
      }
    } catch (error) {
      if (this.controller.signal.aborted) message.facts.reason = "stopped";
      else message.error = this.describe(error);
      this.isUnreachable = error instanceof ServerError && !error.status;
    }
    this.progress = null;
    this.onEnd(this);
  }

  /** Ends the answer where it is. */
  stop() {
    this.controller.abort();
  }

  take(chunk) {
    const { facts } = this.message;
    const choice = chunk.choices?.[0];
    if (chunk.prompt_progress) this.progress = readProgress(chunk.prompt_progress) ?? this.progress;
    if (choice?.finish_reason) facts.reason = choice.finish_reason;
    if (chunk.usage) this.takeUsage(chunk.usage);
    if (this.takeDelta(choice?.delta ?? {})) {
      const seconds = (performance.now() - this.start) / 1000;
      facts.first ??= seconds;
      facts.seconds = seconds - facts.first;
      this.progress = null;
      if (!chunk.usage) facts.tokens += 1;
      this.noteThought();
    }
    this.onChange(this);
  }

  /** Keeps how long the model thought, once it says something. */
  noteThought() {
    const { message } = this;
    if (message.facts.thought !== undefined) return;
    if (!message.thinking && !message.content.startsWith(beginOfThinking)) return;
    const { thinking, content } = partsOf(message);
    if (thinking && content) message.facts.thought = message.facts.seconds;
  }

  takeUsage(usage) {
    const { facts } = this.message;
    const counts = {
      prompt: usage.prompt_tokens, cached: usage.prompt_tokens_details?.cached_tokens,
      tokens: this.tokensBefore + usage.completion_tokens,
    };
    for (const [name, count] of Object.entries(counts)) {
      if (Number.isFinite(count)) facts[name] = count;
    }
  }

  /** Adds what is new; returns whether something is. */
  takeDelta({ content, reasoning_content: thinking, reasoning, tool_calls: calls }) {
    const { message } = this;
    const thought = textOf(thinking) || textOf(reasoning);
    if (thought) message.thinking = (message.thinking ?? "") + thought;
    message.content += textOf(content);
    const parts = Array.isArray(calls) ? calls : [];
    for (const part of parts) takeCall(message.calls ??= [], part);
    return Boolean(textOf(content) || thought || parts.length);
  }

  describe(error) {
    if (!(error instanceof ServerError)) {
      return { text: `The answer cannot be read: ${error.message}.` };
    }
    const wait = error.retryAfter ? ` Try again in ${error.retryAfter} s.` : "";
    return { text: error.message + wait, needsKey: error.status === 401 };
  }
}

function textOf(value) {
  return typeof value === "string" ? value : "";
}

// An answer that calls more functions than this is not read any further.
const mostCalls = 100;

/** Joins a part of a call of a function to those before it, by its index. */
function takeCall(calls, part) {
  const index = Number.isInteger(part?.index) ? part.index : calls.length;
  if (index < 0 || index >= mostCalls) return;
  while (calls.length <= index) calls.push({ id: "", name: "", arguments: "" });
  const call = calls[index];
  call.id ||= textOf(part.id);
  call.name += textOf(part.function?.name);
  call.arguments += textOf(part.function?.arguments);
}

/** The share of a prompt that was read, apart from what the server knew already. */
function readProgress({ total, cache = 0, processed }) {
  const share = (processed - cache) / (total - cache);
  return Number.isFinite(share) ? { share: Math.min(1, Math.max(0, share)), total } : null;
}
