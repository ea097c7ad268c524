"""A terminal: a program in a pseudo-terminal, and the screen that a person would see of it."""

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
import unicodedata


# Seconds in which something has to happen.
LIMIT = 60
# What a prompt begins with: text that is pasted comes between marks from then on.
PROMPT = "\x1b[?2004h"


def columns(character):
    """Columns that a terminal gives a character."""
    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


class Screen:
    """What a terminal shows of the text and the sequences that it is sent; what it does not know fails."""

    def __init__(self, width, height):
        self.width, self.height = width, height
        self.rows = [[] for _ in range(height)]
        self.above = []
        self.row = self.column = 0
        self.pending = ""
        self.modes = set()
        self.bells = 0

    def feed(self, text):
        """Obeys text and sequences."""
        text, self.pending = self.pending + text, ""
        position = 0
        while position < len(text):
            if text[position] == "\x1b":
                end = self.sequence(text, position)
                if end is None:
                    self.pending = text[position:]
                    return
                position = end
            else:
                self.put(text[position])
                position += 1

    def sequence(self, text, start):
        """Obeys a control sequence and says where it ends; nothing where it is incomplete."""
        end = start + 2
        while end < len(text) and not "@" <= text[end] <= "~":
            end += 1
        if end >= len(text):
            return None
        assert text[start + 1] == "[", repr(text[start:end + 1])
        parameters, final = text[start + 2:end], text[end]
        number = int(parameters) if parameters.isdigit() else 1
        if final == "A":
            self.row = max(0, self.row - number)
        elif final == "B":
            self.row = min(self.height - 1, self.row + number)
        elif final == "C":
            self.column = min(self.width - 1, self.column + number)
        elif final == "H":
            self.row = self.column = 0
        elif final == "J" and parameters in ("", "0"):
            self.rows[self.row][self.column:] = []
            for row in range(self.row + 1, self.height):
                self.rows[row] = []
        elif final == "J" and parameters == "2":
            self.rows = [[] for _ in range(self.height)]
        elif final == "K" and parameters == "2":
            self.rows[self.row] = []
        elif final == "h":
            self.modes.add(parameters)
        elif final == "l":
            self.modes.discard(parameters)
        else:
            assert final == "m", repr(text[start:end + 1])
        return end + 1

    def put(self, character):
        """Shows a character, or obeys a control character."""
        if character == "\r":
            self.column = 0
        elif character == "\n":
            self.feed_line()
        elif character == "\a":
            self.bells += 1
        else:
            assert character >= " " and character != "\x7f" and not "\x80" <= character <= "\x9f", repr(character)
            self.show(character)

    def show(self, character):
        width = columns(character)
        if width == 0:
            if self.column:
                self.rows[self.row][self.column - 1] += character
            return
        if self.column + width > self.width:
            self.column = 0
            self.feed_line()
        cells = self.rows[self.row]
        cells += [" "] * (self.column + width - len(cells))
        cells[self.column:self.column + width] = [""] * (width - 1) + [character]
        self.column += width

    def feed_line(self):
        self.row += 1
        if self.row == self.height:
            self.above.append(self.rows.pop(0))
            self.rows.append([])
            self.row -= 1

    @property
    def lines(self):
        """The rows down to the last that shows something."""
        lines = ["".join(row).rstrip() for row in self.rows]
        while lines and not lines[-1]:
            lines.pop()
        return lines

    @property
    def everything(self):
        """What was shown, what has scrolled away included."""
        return "\n".join(["".join(row).rstrip() for row in self.above] + self.lines)


class Session:
    """A program in a pseudo-terminal."""

    def __init__(self, *arguments, size=(80, 24), environment=None, **streams):
        self.master, self.slave = pty.openpty()
        self.screen = Screen(*size)
        self.resize(*size)
        self.before = termios.tcgetattr(self.slave)
        self.text = ""
        # A program that crashes is to end, not to be examined.
        names = {"TERM": "xterm", "SWIFT_BACKTRACE": "enable=no", **(environment or {})}
        variables = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
        files = {name: self.slave for name in ("stdin", "stdout", "stderr")}
        self.process = subprocess.Popen(
            arguments, env={**variables, **names}, start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0), **{**files, **streams})

    def resize(self, width, height):
        """Gives the terminal another size, as a window does whose text stays where it is."""
        self.screen.width, self.screen.height = width, height
        rows = self.screen.rows
        rows[:] = rows[:height] + [[] for _ in range(height - len(rows))]
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def type(self, text):
        """Types text, or bytes."""
        os.write(self.master, text if isinstance(text, bytes) else text.encode())

    def wait(self, condition, what="something"):
        """Waits until the screen fulfils a condition."""
        deadline = time.monotonic() + LIMIT
        while not condition(self.screen):
            left = deadline - time.monotonic()
            ready, _, _ = select.select([self.master], [], [], max(0, left))
            assert ready, f"no {what} on the screen:\n{self.screen.everything[-1500:]}"
            assert self.read(), f"it ended without {what}:\n{self.screen.everything[-1500:]}"

    def read(self):
        """Reads what has come; whether anything has."""
        try:
            data = os.read(self.master, 65536)
        except OSError:
            return False
        text = data.decode(errors="surrogateescape")
        self.text += text
        self.screen.feed(text)
        return bool(data)

    def see(self, text):
        """Waits until the screen shows a text, or has shown it."""
        self.wait(lambda screen: text in screen.everything, repr(text))

    def prompt(self):
        """Waits until the cursor stands behind an empty prompt."""
        def is_there(screen):
            return "?2004" in screen.modes and "".join(screen.rows[screen.row]).rstrip() == ">"

        self.wait(is_there, "prompt")

    def submit(self, text):
        """Types a message or a command, and waits for the prompt after it."""
        prompts = self.text.count(PROMPT)
        self.type(text + "\r")
        self.wait(lambda _: self.text.count(PROMPT) > prompts, "another prompt")
        self.prompt()

    def ask(self, text):
        """Types a message and waits until its answer has begun."""
        self.type(text + "\r")
        self.wait(
            lambda screen: "?2004" not in screen.modes and screen.column > 20, "the beginning of an answer")

    @property
    def cursor(self):
        """The row's text before the cursor and after it, with a bar between."""
        cells = self.screen.rows[self.screen.row]
        cells = cells + [" "] * (self.screen.column - len(cells))
        return "".join(cells[:self.screen.column]) + "|" + "".join(cells[self.screen.column:])

    def at(self, text):
        """Waits until the cursor's row is a text, with a bar where the cursor stands."""
        self.wait(lambda _: self.cursor.rstrip() == text.rstrip(), f"row {text!r}")

    def is_restored(self):
        """Whether the terminal is as it was."""
        return termios.tcgetattr(self.slave) == self.before and "?2004" not in self.screen.modes

    def end(self, code=0):
        """Waits for the end, and checks the exit code and that the terminal is as it was."""
        result = self.process.wait(LIMIT)
        while select.select([self.master], [], [], 0)[0] and self.read():
            pass
        restored = self.is_restored()
        self.close()
        assert result == code, (result, self.screen.everything[-1500:])
        assert restored, "the terminal is not as it was"

    def close(self):
        """Ends what still runs."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait(60)
        for descriptor in (self.master, self.slave):
            try:
                os.close(descriptor)
            except OSError:
                pass
