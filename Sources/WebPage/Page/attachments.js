/* Text files that go with a message. They are read in the browser, and are part of what is said. */

const longestFile = 500_000;

/** The files that are attached to the message that is being written. */
class Attachments {
  constructor(onChange) {
    this.onChange = onChange;
    this.files = [];
    this.list = byId("attachments");
    const input = byId("attach-input");
    byId("attach").addEventListener("click", () => input.click());
    input.addEventListener("change", async () => {
      await this.add([...input.files]);
      input.value = "";
    });
    this.takeDrops();
  }

  /** Takes files that are dropped anywhere on the chat. */
  takeDrops() {
    const chat = byId("chat");
    const holdsFiles = (event) => event.dataTransfer?.types.includes("Files");
    chat.addEventListener("dragover", (event) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      chat.classList.add("dropping");
    });
    chat.addEventListener("dragleave", (event) => {
      if (!chat.contains(event.relatedTarget)) chat.classList.remove("dropping");
    });
    chat.addEventListener("drop", (event) => {
      if (!holdsFiles(event)) return;
      event.preventDefault();
      chat.classList.remove("dropping");
      this.add([...event.dataTransfer.files]);
    });
  }

  /** Reads files, and says of those that are no text why they are not taken. */
  async add(files) {
    for (const file of files) {
      const read = await readTextFile(file, longestFile);
      if (read.trouble) showToast(read.trouble);
      else this.files.push({ name: file.name, text: read.text });
    }
    this.show();
    this.onChange();
  }

  /** Gives the files away. */
  take() {
    const { files } = this;
    this.files = [];
    this.show();
    return files;
  }

  show() {
    this.list.hidden = this.files.length === 0;
    this.list.replaceChildren(...this.files.map((file) => {
      const button = element("button", icon("close"));
      button.type = "button";
      button.setAttribute("aria-label", `Remove ${file.name}`);
      button.addEventListener("click", () => {
        this.files = this.files.filter((each) => each !== file);
        this.show();
        this.onChange();
        byId("attach").focus();
      });
      const size = element("span", fileSize(file.text));
      size.className = "hint";
      const item = element("li", icon("file"), element("span", file.name), size, button);
      item.className = "attachment";
      return item;
    }));
  }
}

/** The text of a file, or what is wrong with it. */
async function readTextFile(file, longest) {
  if (file.size > longest) {
    const [size, most] = [file.size, longest].map((bytes) => longNumber(Math.ceil(bytes / 1000)));
    return { trouble: `“${file.name}” has ${size} kB; at most ${most} kB are taken.` };
  }
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
    if (!text.includes("\0")) return { text };
  } catch {
    // What is no UTF-8 is no text for a model.
  }
  return { trouble: `“${file.name}” is no text in UTF-8.` };
}

function fileSize(text) {
  const { length } = text;
  return length < 1000 ? `${length} B` : `${longNumber(Math.round(length / 1000))} kB`;
}

/** A file of a message, folded. */
function fileNode({ name, text }) {
  const size = element("span", fileSize(text));
  size.className = "hint";
  const content = element("pre", text);
  content.tabIndex = 0;
  content.setAttribute("aria-label", name);
  const summary = element("summary", icon("file"), element("span", name), size);
  const node = element("details", summary, content);
  node.className = "fold file";
  return node;
}
