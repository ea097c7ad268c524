/* Short forms of what the other parts do with the document. */

/** The element with an id. */
function byId(id) {
  return document.getElementById(id);
}

/** A new element with children; strings become text. */
function element(name, ...children) {
  const node = document.createElement(name);
  node.append(...children);
  return node;
}

/** An element with children of which there may be more than a call takes arguments. */
function fill(node, children) {
  for (const child of children) node.append(child);
  return node;
}

/** A copy of the one element in a template. */
function fromTemplate(id) {
  return byId(id).content.firstElementChild.cloneNode(true);
}

/** An icon of those at the top of the page. */
function icon(name) {
  const namespace = "http://www.w3.org/2000/svg";
  const use = document.createElementNS(namespace, "use");
  use.setAttribute("href", `#icon-${name}`);
  const svg = document.createElementNS(namespace, "svg");
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

/** Copies text and says so on the button for a moment. */
async function copyText(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyBySelection(text);
  }
  announce("Copied");
  const before = [...button.childNodes];
  button.replaceChildren(button.textContent.trim() ? "Copied" : icon("check"));
  setTimeout(() => button.replaceChildren(...before), 1500);
}

/** The older way, for pages that were not fetched over HTTPS or loopback. */
function copyBySelection(text) {
  const area = element("textarea");
  area.value = text;
  area.className = "hidden";
  const focused = document.activeElement;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
  focused?.focus();
}

/** Offers text as a file. */
function download(name, type, text) {
  const link = element("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Says something to those who listen to the page. */
function announce(text) {
  byId("announcer").textContent = text;
}

let toastTimer;

/** Shows a line for a while, with a button if there is something to be done about it. */
function showToast(text, label, action) {
  clearTimeout(toastTimer);
  const toast = byId("toast");
  const button = byId("toast-action");
  byId("toast-text").textContent = text;
  button.hidden = !action;
  button.textContent = label ?? "";
  button.onclick = () => {
    toast.hidden = true;
    action();
  };
  toast.hidden = false;
  toastTimer = setTimeout(() => { toast.hidden = true; }, 9000);
}

/** Lets a text area be as high as its text. */
function fitHeight(area) {
  area.style.height = "auto";
  area.style.height = `${area.scrollHeight + area.offsetHeight - area.clientHeight}px`;
}

/** Whether text is written on the screen itself, by a keyboard that covers half of it. */
function hasTouchKeyboard() {
  return matchMedia("(pointer: coarse)").matches;
}

/** Puts a menu, which is open, below a button, or above it where there is no room; `left` is where
    the menu begins if that fits. */
function placeBeside(menu, button, left = button.getBoundingClientRect().right - 32) {
  const { bottom, top } = button.getBoundingClientRect();
  const { offsetHeight, offsetWidth } = menu;
  const fits = bottom + offsetHeight + 8 < innerHeight;
  const wanted = fits ? bottom + 4 : top - offsetHeight - 4;
  menu.style.top = `${Math.max(8, Math.min(wanted, innerHeight - offsetHeight - 8))}px`;
  menu.style.left = `${Math.max(8, Math.min(left, innerWidth - offsetWidth - 8))}px`;
}

/** Lets the arrows move between the buttons of a menu. */
function moveInMenu(event) {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const buttons = [...event.currentTarget.querySelectorAll("button")];
  const at = buttons.indexOf(document.activeElement);
  buttons[(at + step + buttons.length) % buttons.length].focus();
}
