"""Checks the chat as a person in a terminal meets it, and as other programs do. Usage: chat.py PATH_TO_APUS MODEL [CHECK...]"""

import contextlib
import json
import os
import pathlib
import re
import signal
import stat
import subprocess
import sys
import tempfile

from checking import run_checks
from screen import Session

CHECKS = []


def check(function):
    """Marks a function as a check; its first line of documentation is what it says."""
    CHECKS.append(function)
    return function


class Chat:
    """The program, a model, and a folder that is empty at first."""

    def __init__(self, apus, model, folder):
        self.command = [apus, "chat", "--model", model, "--temperature", "0"]
        self.folder = pathlib.Path(folder)
        self.history = self.folder / "state" / "apus" / "chat-history"

    @contextlib.contextmanager
    def talk(self, *arguments, wrapped=(), environment=None, **options):
        """A chat in a terminal, at its first prompt."""
        names = {"XDG_STATE_HOME": str(self.folder / "state"), **(environment or {})}
        session = Session(*wrapped, *self.command, *arguments, environment=names, **options)
        try:
            if names.get("TERM") != "dumb":
                session.prompt()
            yield session
        finally:
            session.close()

    def messages(self, session):
        """The messages of a conversation, by saving it."""
        path = self.folder / "saved.json"
        session.submit(f"/save {path}")
        return json.loads(path.read_text())["messages"]

    def pipe(self, text, *arguments, **options):
        """Runs the chat for another program."""
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        return subprocess.run([*self.command, *arguments], input=text, timeout=120, **streams)


@check
def keys(c):
    """keys edit the line, whatever characters it has"""
    with c.talk("--no-history") as s:
        for typed, row in [
            ("Say helo\x1b[Dl", "> Say hell|o"), ("\x01X", "> X|Say hello"),
            ("\x1b[3~", "> X|ay hello"), ("\x05!", "> Xay hello!|"), ("\x17", "> Xay |"),
            ("\x19\x1bb", "> Xay |hello!"), ("\x0b", "> Xay |"), ("\x15", "> |"),
            ("家e\u0301👍", "> 家e\u0301👍|"), ("\x02\x7f", "> 家|👍"), ("\x1b[H", "> |家👍"),
            ("\x1b[C\x04", "> 家|"), ("\x03", "> |"), ("ab\x1b[1;5D\x0c", "> |ab"),
        ]:
            s.type(typed)
            s.at(row)
        assert s.screen.lines == ["> ab"], s.screen.lines
        s.type("\x03\x04")
        s.end()
    assert not c.history.exists()


@check
def lines(c):
    """messages may have several lines: typed, continued or pasted"""
    with c.talk("--max-tokens", "1") as s:
        s.type("one\\\r")
        s.at("  |")
        s.type("two\nthree\x1b\r")
        s.at("  |")
        s.type("\x1b[200~four\r\n\tfive\x1b[31m\x1b[201~")
        s.at("      five[31m|")
        s.submit("")
        s.submit("\x1b[200~" + "long line " * 300 + "\x1b[201~")
        messages = c.messages(s)
        assert messages[0]["content"] == "one\ntwo\nthree\nfour\n\tfive[31m", messages
        assert messages[2]["content"] == "long line " * 300, messages
        s.type("\x04")
        s.end()


@check
def history(c):
    """what was typed is there the next time, for its owner alone, in bounds"""
    with c.talk("--max-tokens", "1") as s:
        s.submit("first words")
        s.submit("two\\\rlines")
        s.type("\x1b[A\x1b[A\x1b[A")
        s.at("> first words|")
        s.type("\x04\x15\x04")
        s.end()
    assert stat.S_IMODE(c.history.stat().st_mode) == 0o600
    assert stat.S_IMODE(c.history.parent.stat().st_mode) == 0o700
    with c.history.open("a") as file:
        file.write("damaged\n" + "".join(f'"entry {i}\\u001b[2J"\n' for i in range(3000)))
    os.chmod(c.history, 0o644)
    with c.talk("--max-tokens", "1") as s:
        assert len(c.history.read_text().splitlines()) == 1000
        s.type("\x12entry 2222")
        s.at("(search: entry 2222) entry 2222\\u{1b}[2J|")
        s.type("\x07draft\x10")
        s.at("> entry 2999\\u{1b}[2J|")
        s.type("\x0e")
        s.at("> draft|")
        s.type("\x15")
        s.submit("/stats")
        s.type("\x04")
        s.end()
    assert c.history.read_text().splitlines()[-1] == '"/stats"'
    before = c.history.read_bytes()
    with c.talk("--no-history") as s:
        s.type("\x10")
        s.submit("/stats")
        s.type("\x04")
        s.end()
    assert c.history.read_bytes() == before


@check
def unwritable(c):
    """a history that cannot be written is told once and keeps nobody from talking"""
    c.history.parent.parent.mkdir()
    c.history.parent.write_text("no folder")
    with c.talk() as s:
        s.submit("/stats")
        s.submit("/help")
        assert s.screen.everything.count("is not kept") == 1, s.screen.everything
        s.type("\x04")
        s.end()


@check
def interrupt(c):
    """Ctrl-C stops an answer whose words stay, and else says how to leave"""
    with c.talk() as s:
        s.type("\x03")
        s.see("Ctrl-D or /exit leaves.")
        s.type("abc\x03")
        s.at("> |")
        question = "Write a very long story about ten ships and their captains."
        # What is typed ahead waits, but for the interrupt key.
        s.type(f"{question}\r\x03")
        s.see("Stopped.")
        s.prompt()
        assert c.messages(s) == []
        s.submit("/clear")
        s.type("\x0c")
        s.wait(lambda screen: screen.lines == [">"], "a clear screen")
        s.screen.above.clear()
        s.ask(question)
        s.type("\x03")
        s.see("Stopped.")
        s.prompt()
        user, assistant = c.messages(s)
        assert user["content"] == question
        shown = s.screen.everything.split("captains.")[1].split("Stopped.")[0]
        assert assistant["content"].strip(), assistant
        assert "".join(assistant["content"].split()) == "".join(shown.split()), (assistant, shown)
        s.submit("/set max-tokens 3")
        s.submit("And then?")
        assert len(c.messages(s)) == 4
        s.type("Again\r/exit\r")
        s.end()


@check
def signals(c):
    """whatever ends the program, the terminal is as it was"""
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGSEGV):
        with c.talk("--no-history") as s:
            assert not s.is_restored()
            s.process.send_signal(number)
            s.end(-number)
    with c.talk("--no-history") as s:
        s.ask("Write a long story about a ship.")
        s.process.send_signal(signal.SIGTERM)
        s.end(-signal.SIGTERM)
    with c.talk("--no-history") as s:
        s.process.send_signal(signal.SIGINT)
        s.see("leaves")
        os.close(s.master)
        assert s.process.wait(60) == -signal.SIGHUP


@check
def suspended(c):
    """Ctrl-Z gives the terminal back until the program goes on, while typing and while answering"""
    job = 'set -m; "$@"; echo halted; read line; fg >/dev/null; echo halted; read line; fg >/dev/null'
    with c.talk(wrapped=("bash", "-c", job, "bash")) as s:
        s.type("draft")
        s.at("> draft|")
        s.type("\x1a")
        s.see("halted")
        assert s.is_restored()
        s.type("\n")
        s.wait(lambda screen: "?2004" in screen.modes, "the program")
        s.at("> draft|")
        s.type("\x15")
        s.ask("Write a long story about a ship.")
        s.type("\x1a")
        s.wait(lambda screen: screen.everything.count("halted") == 2, "the shell")
        assert s.is_restored()
        s.type("\n")
        s.wait(lambda _: not s.is_restored(), "the program")
        s.type("\x03")
        s.see("Stopped.")
        s.prompt()
        s.type("\x04")
        s.end()


@check
def commands(c):
    """commands do what help says, and others say what there is"""
    with c.talk("--seed", "7", "--max-tokens", "12", size=(120, 60)) as s:
        s.submit("/help")
        for name in ("clear", "system", "save", "load", "regenerate", "set", "stats", "exit"):
            assert f"\n/{name}" in s.screen.everything, s.screen.everything
        s.submit("/frobnicate")
        assert "there is no /frobnicate; there are /help, /clear" in s.screen.everything
        s.submit("/regenerate")
        s.see("nothing to answer yet")
        s.submit("/system Answer in one word.")
        s.submit("/set temperature 1")
        s.submit("/set temperature 3")
        s.see("--temperature must be from 0 to 2, not 3.0")
        s.submit("/set seed x")
        s.see("seed cannot be x")
        s.submit("/set volume 3")
        s.see("no setting volume; there are temperature, top-p, top-k, max-tokens, seed")
        s.submit("//exit is no command")
        first = c.messages(s)
        assert [m["role"] for m in first] == ["system", "user", "assistant"], first
        assert first[0]["content"] == "Answer in one word."
        assert first[1]["content"] == "/exit is no command"
        s.submit("/regenerate")
        second = c.messages(s)
        assert second[:2] == first[:2] and second[2] != first[2], (first, second)
        s.submit("/stats")
        s.see("answers    2\n")
        s.submit("/clear")
        assert [m["role"] for m in c.messages(s)] == ["system"]
        s.submit("/system -")
        assert c.messages(s) == []
        s.submit("/save /dev/full")
        s.see("/dev/full: it is no regular file")
        s.submit("/save")
        s.see("/save FILE")
        s.type("/exit\r")
        s.end()


@check
def loading(c):
    """a conversation is gone on with, and what is none is told without harm"""
    path = c.folder / "conversation.json"
    messages = [
        {"role": "system", "content": "You know what was said."},
        {"role": "user", "content": "My name is Zaphod."},
        {"role": "assistant", "content": "Hello Zaphod \x1b[2J!", "reasoning_content": "Hm."},
    ]
    path.write_text(json.dumps({"messages": messages}))
    for name, text in [
        ("text", "no JSON"), ("empty", "{}"), ("role", '[{"role": "root", "content": ""}]'),
        ("deep", "[" * 100_000), ("large", "[" + " " * (17 << 20) + "]"),
    ]:
        (c.folder / name).write_text(text)
    os.mkfifo(c.folder / "fifo")
    with c.talk("--max-tokens", "3", size=(200, 60)) as s:
        s.submit(f"/load {path}")
        s.see("Hello Zaphod \\u{1b}[2J!")
        for name, reason in [
            ("text", "it is no JSON"), ("empty", "no list of messages"),
            ("role", "message 1 has none of the roles"), ("deep", "nest too deep"),
            ("large", "it has more than 16 MiB"), ("fifo", "it is no regular file"),
            ("nothing", "No such file"), ("", "it is no regular file"),
        ]:
            s.submit(f"/load {c.folder}/{name}")
            s.see(f"{c.folder}/{name}: ")
            s.see(reason)
        assert c.messages(s) == messages
        s.submit("What is my name?")
        assert c.messages(s)[:3] == messages and len(c.messages(s)) == 5
        s.type("\x04")
        s.end()


@check
def full(c):
    """a full context forgets the oldest turns and says so; what never fits is refused"""
    with c.talk("--context", "128", "--max-tokens", "8", "--system", "Be brief.") as s:
        question = "Tell me about the sea and the ships on it, in a few words, please."
        for _ in range(5):
            s.submit(question)
        s.see("The context of 128 tokens is full: the model has forgotten the oldest")
        s.submit("/stats")
        s.submit("ship " * 200)
        s.see("but the context holds 128")
        s.submit("/stats")
        before, after = re.findall(r"messages   (\d+), of which (\d+) are", s.screen.everything)
        assert before == after and int(before[1]) > 0, (before, after)
        s.submit(question)
        messages = c.messages(s)
        assert [m["role"] for m in messages] == ["system"] + ["user", "assistant"] * 6, messages
        s.submit("/clear")
        s.submit("/set max-tokens")
        s.submit("Write a very long story about ten ships.")
        s.see("cut where the context of 128 tokens ends")
        s.type("\x04")
        s.end()


@check
def resize(c):
    """a window of another size shows the message anew"""
    with c.talk(size=(40, 10)) as s:
        s.type("a message that is just about long")
        s.at("> a message that is just about long|")
        s.resize(20, 10)
        # Terminals lay out anew what they show.
        s.screen.rows[0:2] = [list("> a message that is "), list("just about long")]
        s.screen.row, s.screen.column = 1, 15
        s.process.send_signal(signal.SIGWINCH)
        s.type("!")
        s.wait(lambda screen: screen.lines == ["> a message that is", "just about long!"], "two rows")
        s.type("\x15" + "\n".join("abcdefghijklmno") + "\x1b[200~0\x1b[201~")
        s.wait(lambda screen: screen.lines[-1] == "  o0" and len(screen.lines) == 10, "its end")
        s.type("\x03\x04")
        s.end()


@check
def pipes(c):
    """other programs get answers and nothing else, and may send commands as messages"""
    question = b"What is the capital of France?\n\nAnd /exit of Spain?"
    result = c.pipe(question, "--max-tokens", "8")
    assert result.returncode == 0 and b"\x1b" not in result.stdout, result
    first, second = result.stdout.decode().splitlines()
    assert "Paris" in first and second and not first.startswith(">"), result
    # The same without the empty line, and with lines that end as on Windows.
    again = c.pipe(question.replace(b"\n\n", b"\r\n"), "--max-tokens", "8", stderr=subprocess.DEVNULL)
    assert again.stdout == result.stdout, (again, result)
    result = c.pipe(b"/exit\n\xff\n", "--max-tokens", "2")
    assert result.returncode == 0 and len(result.stdout.splitlines()) == 2, result
    result = c.pipe(b"ship " * 200 + b"\nHello\n", "--context", "128", "--max-tokens", "2")
    assert b"but the context holds 128" in result.stderr and result.stdout.count(b"\n") == 1, result
    with open("/dev/full", "wb") as nowhere:
        assert c.pipe(b"Hello\n", "--max-tokens", "2", stdout=nowhere).returncode == 74
    reading, writing = os.pipe()
    os.close(reading)
    assert c.pipe(b"Hello\n", stdout=writing).returncode == -signal.SIGPIPE
    os.close(writing)


@check
def apart(c):
    """where answers go into a file, prompts are beside it"""
    path = c.folder / "answers"
    with path.open("wb") as file, c.talk("--max-tokens", "8", stdout=file) as s:
        s.submit("What is the capital of France?")
        s.submit("/stats")
        s.type("\x04")
        s.end()
        assert "Paris" not in s.screen.everything and "answers    1" in s.screen.everything
    assert "Paris" in path.read_text() and "\x1b" not in path.read_text() and ">" not in path.read_text()
    reading, writing = os.pipe()
    os.close(reading)
    with c.talk("--max-tokens", "8", stdout=writing) as s:
        os.close(writing)
        s.type("Hello\r")
        s.end(-signal.SIGPIPE)


@check
def plain(c):
    """NO_COLOR asks for no styles, a dumb terminal gets no sequences"""
    question = "List three **bold** animals, as a list in Markdown."
    for environment in ({}, {"NO_COLOR": ""}, {"NO_COLOR": "1"}):
        with c.talk("--max-tokens", "60", environment=environment) as s:
            s.submit(question)
            has_styles = "\x1b[2m" in s.text
            assert has_styles == (environment.get("NO_COLOR", "") == ""), (environment, s.text)
            s.type("\x04")
            s.end()
    with c.talk(environment={"TERM": "dumb"}) as s:
        s.see("\n>")
        s.type("/stats\n")
        s.see("answers    0")
        s.type("Write a long story about ten ships.\n")
        s.wait(lambda screen: screen.column > 20 and "Write" not in "".join(screen.rows[screen.row]), "an answer")
        s.type("\x03")
        s.see("Stopped.")
        s.see("Stopped.\n>")
        s.type("\x03")
        s.see("leaves")
        s.type("\x04")
        s.end()
        assert "\x1b" not in s.text


def main(apus, model, *names):
    checks = [function for function in CHECKS if not names or function.__name__ in names]

    def run(function):
        with tempfile.TemporaryDirectory() as folder:
            function(Chat(os.path.abspath(apus), os.path.abspath(model), folder))

    return run_checks(checks, run)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
