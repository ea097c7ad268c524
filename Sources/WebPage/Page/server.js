/* The server's addresses, and what comes from them. */

// The page may lie below a path, behind a proxy for example; the addresses then do too.
const serverRoot = location.pathname.replace(/\/+$/, "");

/** What the server says when it does not do what it was asked for. */
class ServerError extends Error {
  constructor(message, status = 0, retryAfter = null) {
    super(message);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** Asks the server; throws what it complains about. */
async function ask(path, { key, body, signal } = {}) {
  const headers = {};
  if (key) headers.Authorization = `Bearer ${key}`;
  if (body) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(serverRoot + path, {
      method: body ? "POST" : "GET", headers, signal, cache: "no-store",
      body: body && JSON.stringify(body),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ServerError("The server cannot be reached.");
  }
  if (!response.ok) throw await complaint(response);
  return response;
}

async function complaint(response) {
  const message = parsed(await response.text().catch(() => ""))?.error?.message;
  const text = typeof message === "string" ? saying(message)
    : `The server answers ${response.status}.`;
  return new ServerError(text, response.status, response.headers.get("Retry-After"));
}

function saying(message) {
  return `The server says: ${String(message).replace(/\.$/, "")}.`;
}

/** The models that are served, each with its `id` and `max_model_len`. */
async function servedModels(key) {
  const list = await (await ask("/v1/models", { key })).json();
  return Array.isArray(list.data) ? list.data : [];
}

/** Streams the next message of a conversation, chunk by chunk. */
async function* streamChat(request, { key, signal }) {
  const response = await ask("/v1/chat/completions", {
    key, signal,
    body: {
      ...request, stream: true,
      stream_options: { include_usage: true, continuous_usage_stats: true },
    },
  });
  for await (const data of serverSentEvents(response.body)) {
    if (data === "[DONE]") return;
    const chunk = JSON.parse(data);
    if (chunk.error) throw new ServerError(saying(chunk.error.message));
    yield chunk;
  }
  throw new ServerError("The connection ended before the answer did.");
}

/** The data of each event of a stream. */
async function* serverSentEvents(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  let data = [];
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      const lines = (rest + value).split("\n");
      rest = lines.pop();
      for (const line of lines) {
        const text = line.endsWith("\r") ? line.slice(0, -1) : line;
        if (text.startsWith("data:")) data.push(text.slice(text[5] === " " ? 6 : 5));
        if (text !== "" || data.length === 0) continue;
        yield data.join("\n");
        data = [];
      }
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
