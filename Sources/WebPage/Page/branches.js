/* Branches of a conversation. `messages` is the path that is shown. A message of the path keeps in
   `others` what could stand in its place: the tails `before` and `after` it, each a list of
   messages that begins with the alternative. */

// Files of others may nest as deep as they like.
const deepestBranches = 100;

/** Which of how many alternatives a message is, counted from 1. */
function placeOf({ others }) {
  const before = others?.before.length ?? 0;
  return { index: before + 1, count: before + 1 + (others?.after.length ?? 0) };
}

/** Begins a branch with another message in the place of one, which is kept; returns what undoes
    it. */
function beginBranch(conversation, message, begun) {
  const shown = conversation.messages;
  const { others } = message;
  const at = shown.indexOf(message);
  const tails = [...(others?.before ?? []), shown.slice(at), ...(others?.after ?? [])];
  delete message.others;
  begun.others = { before: tails, after: [] };
  conversation.messages = [...shown.slice(0, at), begun];
  return () => {
    conversation.messages = shown;
    if (others) message.others = others;
  };
}

/** Shows the alternative before (-1) or after (1) a message. */
function showBranch(conversation, message, by) {
  const before = [...(message.others?.before ?? [])];
  const after = [...(message.others?.after ?? [])];
  const next = by < 0 ? before.pop() : after.shift();
  if (!next) return;
  const at = conversation.messages.indexOf(message);
  const tail = conversation.messages.slice(at);
  if (by < 0) after.unshift(tail);
  else before.push(tail);
  delete message.others;
  next[0].others = { before, after };
  conversation.messages = conversation.messages.slice(0, at).concat(next);
}

/** The texts of other answers in the place of one, where that one says something itself. */
function worseAnswers(message) {
  const own = requestText(message);
  if (message.role !== "assistant" || !own) return [];
  const tails = [...(message.others?.before ?? []), ...(message.others?.after ?? [])];
  const texts = tails.filter(([first]) => first.role === "assistant").map(([first]) => requestText(first));
  return [...new Set(texts)].filter((text) => text && text !== own);
}

/** All messages of a conversation, those of branches that are not shown too. */
function everyMessage(conversation) {
  const found = [];
  const waiting = [conversation.messages];
  while (waiting.length) {
    for (const message of waiting.pop()) {
      found.push(message);
      waiting.push(...(message.others?.before ?? []), ...(message.others?.after ?? []));
    }
  }
  return found;
}

/** The messages in a list that somebody wrote; what is none is left out. */
function readMessages(list, depth = 0) {
  if (!Array.isArray(list) || depth > deepestBranches) return [];
  const read = [];
  for (const written of list) {
    const isMessage = ["user", "assistant", "tool"].includes(written?.role)
      && typeof written.content === "string";
    if (isMessage) read.push(readMessage(written, depth));
  }
  return read;
}

function readMessage(written, depth) {
  const message = { role: written.role, content: written.content };
  for (const name of ["thinking", "model", "call"]) {
    if (typeof written[name] === "string") message[name] = written[name];
  }
  const calls = readObjects(written.calls, ["id", "name", "arguments"]);
  const files = readObjects(written.files, ["name", "text"]);
  if (calls.length) message.calls = calls;
  if (files.length) message.files = files;
  if (written.facts) message.facts = readFacts(written.facts);
  if (typeof written.error?.text === "string") {
    message.error = { text: written.error.text, needsKey: written.error.needsKey === true };
  }
  const tails = (each) => (Array.isArray(each) ? each : [])
    .map((tail) => readMessages(tail, depth + 1)).filter((tail) => tail.length);
  const others = { before: tails(written.others?.before), after: tails(written.others?.after) };
  if (others.before.length + others.after.length) message.others = others;
  return message;
}

/** Objects with texts of these names. */
function readObjects(list, names) {
  if (!Array.isArray(list)) return [];
  const whole = list.filter((each) => names.every((name) => typeof each?.[name] === "string"));
  return whole.map((each) => Object.fromEntries(names.map((name) => [name, each[name]])));
}

function readFacts(written) {
  const facts = {};
  for (const name of ["tokens", "prompt", "cached", "first", "seconds", "thought"]) {
    if (Number.isFinite(written[name])) facts[name] = written[name];
  }
  if (typeof written.reason === "string") facts.reason = written.reason;
  return facts;
}
