/* What is known of an answer besides its text. */

// What came at once tells nothing of the speed.
const shortestMeasure = 0.02;

const endings = {
  stop: "The model ended it", length: "No tokens were left", tool_calls: "The model calls a function",
  stopped: "You stopped it", content_filter: "The server filtered it",
};

/** What is known of an answer, in few words. */
function factsText(facts) {
  if (!facts) return "";
  const parts = [];
  if (facts.tokens) parts.push(`${facts.tokens} ${facts.tokens === 1 ? "token" : "tokens"}`);
  const speed = speedOf(facts);
  if (speed) parts.push(speed);
  if (facts.first !== undefined) parts.push(`first after ${shortSeconds(facts.first)}`);
  if (facts.reason === "stopped") parts.push("stopped");
  if (facts.reason === "length") parts.push("cut off: no tokens left");
  if (facts.reason === "tool_calls") parts.push("calls a function");
  if (facts.reason === "content_filter") parts.push("filtered");
  return parts.join(" · ");
}

function speedOf({ tokens, seconds }) {
  return tokens > 1 && seconds > shortestMeasure ? `${shortNumber((tokens - 1) / seconds)} tokens/s` : "";
}

/** All that is known of an answer: names and values. */
function factsList({ facts = {}, model }) {
  const { prompt, cached, tokens, first, seconds, thought, reason } = facts;
  const of = (value, format) => (value === undefined ? undefined : format(value));
  const list = [
    ["Model", model],
    ["Prompt", of(prompt, (count) => `${longNumber(count)} tokens`)],
    ["From the cache", of(cached || undefined, (count) => `${longNumber(count)} tokens`)],
    ["Answer", of(tokens || undefined, (count) => `${longNumber(count)} tokens`)],
    ["Context used", of(prompt, (count) => `${longNumber(count + (tokens ?? 0))} tokens`)],
    ["First token", of(first, shortSeconds)],
    ["Thinking", of(thought, shortSeconds)],
    ["Writing", of(seconds || undefined, shortSeconds)],
    ["Speed", speedOf(facts) || undefined],
    ["End", of(reason, (name) => endings[name] ?? name)],
  ];
  return list.filter(([, value]) => value);
}

/** Shows what is known of an answer beside the button that asks for it. */
function showFacts(message, button) {
  const menu = byId("facts");
  byId("facts-list").replaceChildren(...factsList(message).flatMap(([name, value]) =>
    [element("dt", name), element("dd", value)]));
  menu.showPopover();
  placeBeside(menu, button, button.getBoundingClientRect().left);
  menu.focus();
}
