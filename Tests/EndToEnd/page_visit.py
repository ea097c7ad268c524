"""What the checks of the page share: the list of them, and short forms of what people do."""

import json
import os
import urllib.request

from browser import ALT

CHECKS = []
DONE = "document.querySelector('.message.assistant:last-child:not(.running)')"
ANSWER = "document.querySelector('.message.assistant:last-child .message-body').innerText"
FACTS = "document.querySelector('.message.assistant:last-child .message-facts').textContent"
LONG = "Tell me a very long story about a small bird."


def check(function):
    """Marks a function as a check; its first line of documentation is what it says."""
    CHECKS.append(function)
    return function


class Visit:
    """What the checks share: the server, the browser, and short forms of what people do."""

    def __init__(self, server, driver, pictures):
        self.server, self.browser, self.pictures = server, driver, pictures

    def begin(self, conversations=(), **settings):
        """Opens the page as somebody does who has talked about this much before."""
        settings = {"temperature": "0", "maxTokens": "24"} | settings
        self.browser.look_like()
        self.browser.answer()
        self.browser.open(self.server.origin + "/")
        kept = {f"apus.conversation.{c['id']}": c for c in conversations}
        kept["apus.settings"] = settings
        self.browser.evaluate(f"""localStorage.clear(); sessionStorage.clear();
          for (const [name, value] of Object.entries({json.dumps(kept)}))
            localStorage.setItem(name, JSON.stringify(value));""")
        self.again()
        self.browser.complaints.clear()

    def again(self):
        """Loads the page anew."""
        self.browser.open(self.server.origin + "/")
        self.browser.until("document.querySelector('#server-state.good')")

    def say(self, text):
        """Writes a message and sends it by Enter."""
        self.browser.key("KeyM", ALT)
        self.browser.write(text)
        self.browser.key("Enter")

    def talk(self, text):
        """Sends a message and waits for the whole answer, which is returned."""
        self.say(text)
        self.browser.until(DONE)
        return self.browser.evaluate(ANSWER)

    def texts(self, selector):
        """What is written in elements."""
        return self.browser.evaluate(
            f"[...document.querySelectorAll({json.dumps(selector)})].map((each) => each.innerText)")

    def picture(self, name):
        """Keeps what is seen, where pictures are wanted."""
        if self.pictures:
            self.browser.picture(os.path.join(self.pictures, f"{name}.png"))

    def get(self, path):
        """What the server answers at an address."""
        with urllib.request.urlopen(self.server.origin + path) as reply:
            return reply.read().decode()

    def wait_until_idle(self):
        """Waits until the server has nothing to do."""
        self.browser.evaluate("""(async () => {
          for (let left = 4000; left > 0; left -= 1) {
            if ((await (await fetch("/health")).json()).running === 0) return;
            await new Promise((go) => setTimeout(go, 25));
          }
          throw new Error("the server is still at work");
        })()""")


def conversation(name, *contents, updated=1):
    """A conversation as the browser keeps it, the user's message first."""
    roles = ("user", "assistant")
    return {"id": name, "title": name, "updated": updated, "messages": [
        {"role": roles[index % 2], "content": text} for index, text in enumerate(contents)]}
