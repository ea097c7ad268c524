/* Conversations as files. */

const authors = { user: "You", assistant: "Model", tool: "Tool" };
const authorLine = /^(\\*)## (You|Model|Tool)$/;

/** A conversation as Markdown: the branch that is shown. */
function conversationMarkdown(conversation) {
  const parts = conversation.messages.map((message) =>
    `## ${authors[message.role]}\n\n${guardedLines(requestText(message))}\n`);
  return [`# ${titleOf(conversation)}\n`, ...parts].join("\n");
}

/** Sets apart lines of a text that look like the line above a message. */
function guardedLines(text) {
  return text.split("\n").map((line) => (authorLine.test(line) ? `\\${line}` : line)).join("\n");
}

/** All conversations as one file, with all branches. */
function conversationsJSON(conversations) {
  return JSON.stringify({ format: "apus.conversations", conversations }, null, 2);
}

/** The conversations in a file of this page, or in one with `messages` as the API has them. */
function importedConversations(text) {
  const json = parsed(text);
  if (json === null) return conversationsOfMarkdown(text);
  const list = Array.isArray(json) ? json : json.conversations ?? [json];
  if (!Array.isArray(list)) return [];
  return list.map(importedConversation).filter((each) => each.messages.length);
}

function importedConversation(written) {
  const fresh = newConversation();
  return {
    ...fresh,
    title: typeof written?.title === "string" ? written.title.slice(0, 120) : "",
    updated: Number.isFinite(written?.updated) ? written.updated : fresh.updated,
    messages: readMessages(written?.messages),
  };
}

function conversationsOfMarkdown(text) {
  const conversation = newConversation();
  let lines = null;
  for (const line of text.split(/\r?\n/)) {
    const [, guard, author] = authorLine.exec(line) ?? [];
    if (author && !guard) {
      lines = [];
      const role = Object.keys(authors).find((name) => authors[name] === author);
      conversation.messages.push({ role, lines });
    } else if (lines) {
      lines.push(author ? line.slice(1) : line);
    } else if (line.startsWith("# ")) {
      conversation.title = line.slice(2).trim().slice(0, 120);
    }
  }
  conversation.messages = conversation.messages.map(({ role, lines: written }) =>
    ({ role, content: written.join("\n").trim() }));
  return conversation.messages.length ? [conversation] : [];
}

/** A name for a file of a conversation. */
function fileName(conversation) {
  const name = titleOf(conversation).normalize("NFKC").replace(/[^\p{L}\p{N}]+/gu, "-");
  return name.replace(/^-|-$/g, "").slice(0, 50) || "conversation";
}
