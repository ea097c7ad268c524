"""Checks the server under a service manager, for which a small one stands: it reads what systemd would read,
leaves the server a socket that listens already, and starts it anew when it hears of no progress.
Usage: supervision.py PATH_TO_APUS MODEL
"""

import asyncio
import contextlib
import ctypes
import os
import pathlib
import signal
import socket
import sys
import tempfile
import time
import traceback

from streams import Client

INTERVAL = 4.0
OPTIONS = ["--context", "1024", "--cache-mib", "40", "--threads", "1", "--log-level", "warning"]
CHECKS = []


def check(function):
    """Marks a function as a check; its first line of documentation is what it says."""
    CHECKS.append(function)
    return function


class Skipped(Exception):
    """What a check needs is not to be had here."""


class Manager:
    """Starts the server, and hears what it says of itself."""

    def __init__(self, apus, model, notify, listening=None):
        self.apus, self.model = apus, model
        self.address = "\0" + notify[1:] if notify.startswith("@") else notify
        self.receiver = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.receiver.bind(self.address)
        self.receiver.setblocking(False)
        self.notify = notify
        self.listening = listening
        # What came, and when.
        self.heard = []
        self.changed = asyncio.Condition()
        self.reading = asyncio.create_task(self._read())
        self.process = None

    async def start(self):
        """Starts the server as systemd does."""
        environment = os.environ | {
            "NOTIFY_SOCKET": self.notify, "WATCHDOG_USEC": str(int(INTERVAL * 1e6))}
        command = [self.apus, "serve", "--model", self.model, "--port", "0", *OPTIONS]
        passed = ()
        if self.listening:
            passed = (self.listening.fileno(),)
            script = f'exec 3<&{passed[0]}; export LISTEN_FDS=1 LISTEN_PID=$$; exec "$@"'
            command = ["bash", "-c", script, "-", *command]
        self.process = await asyncio.create_subprocess_exec(
            *command, env=environment, pass_fds=passed, stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
        before = self.count("READY=1")
        await self.until(lambda: self.count("READY=1") > before, 120)

    async def port(self):
        """The port that the server says."""
        async for line in self.process.stdout:
            if b"Ready: http" in line:
                return int(line.split(b":")[3].split(b"/")[0])
        raise AssertionError("the server said no port")

    def count(self, message):
        return sum(text.split("\n")[0] == message for _, text in self.heard)

    async def _read(self):
        loop = asyncio.get_running_loop()
        while True:
            text = (await loop.sock_recv(self.receiver, 4096)).decode()
            async with self.changed:
                self.heard.append((time.monotonic(), text))
                self.changed.notify_all()

    async def until(self, condition, longest):
        """Waits until what was heard is enough."""
        async def wait():
            async with self.changed:
                while not condition():
                    await self.changed.wait()
        await asyncio.wait_for(wait(), longest)

    async def longest_silence(self, feeds):
        """Waits for so many feeds; the longest time without one, in seconds."""
        start, first = time.monotonic(), self.count("WATCHDOG=1")
        await self.until(lambda: self.count("WATCHDOG=1") >= first + feeds, feeds * INTERVAL)
        times = [start] + [at for at, text in self.heard if text == "WATCHDOG=1" and at > start]
        return max(late - early for early, late in zip(times, times[1:]))

    async def hears_nothing(self):
        """Whether the watchdog's interval passes without a feed, for which nobody waits in vain."""
        before = self.count("WATCHDOG=1")
        # One that was on its way, and a look before anything had stopped.
        with contextlib.suppress(TimeoutError):
            await self.until(lambda: self.count("WATCHDOG=1") > before, INTERVAL / 2)
        before = self.count("WATCHDOG=1")
        try:
            await self.until(lambda: self.count("WATCHDOG=1") > before, INTERVAL)
            return False
        except TimeoutError:
            return True

    async def close(self):
        self.reading.cancel()
        if self.process and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()
        self.receiver.close()
        if not self.notify.startswith("@"):
            os.unlink(self.notify)


class StoppedThread:
    """One thread of another process that does not run, by ptrace, while the others do."""

    SEIZE, INTERRUPT, ALL = 0x4206, 0x4207, 0x40000000

    def __init__(self, process, name):
        names = {int(task.name): (task / "comm").read_text().strip()
                 for task in pathlib.Path(f"/proc/{process}/task").iterdir()}
        self.thread = next(thread for thread, found in names.items() if found.startswith(name))
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
        for request in (self.SEIZE, self.INTERRUPT):
            if self.libc.ptrace(request, self.thread, None, None) != 0:
                raise Skipped(f"ptrace is not allowed: {os.strerror(ctypes.get_errno())}")
        os.waitpid(self.thread, self.ALL)

    def forget(self):
        """Takes note of the thread's end, without which the process does not end."""
        with contextlib.suppress(ChildProcessError):
            while not os.WIFSIGNALED(os.waitpid(self.thread, self.ALL)[1]):
                pass


def listener():
    """A socket that listens on a free port of loopback."""
    each = socket.create_server(("127.0.0.1", 0), backlog=64)
    each.set_inheritable(True)
    return each


@contextlib.asynccontextmanager
async def managed(arguments, notify=None, listening=None):
    """A manager whose server has started."""
    notify = notify or f"@apus-{os.getpid()}-{time.monotonic_ns()}"
    manager = Manager(*arguments, notify, listening)
    try:
        await manager.start()
        yield manager
    finally:
        await manager.close()


async def opened(port, count, tokens):
    """Streams that have begun."""
    client = Client(port, "smollm2")
    client.model = (await Client.of(client)).model
    streams = [await client.open(f"Tell story {n}.", max_tokens=tokens, ignore_eos=True) for n in range(count)]
    for stream in streams:
        await stream.first()
    return client, streams


@check
async def lifecycle(arguments):
    """the manager hears when the server answers and when it is about to end, by path and by name"""
    with tempfile.TemporaryDirectory() as folder:
        for notify in (folder + "/notify", None):
            async with managed(arguments, notify) as manager:
                client = Client(await manager.port(), None)
                assert (await client.get("/health/ready"))[0] == 200
                _, (stream,) = await opened(client.port, 1, 40)
                manager.process.send_signal(signal.SIGTERM)
                await manager.until(lambda: manager.count("STOPPING=1") == 1, 10)
                assert (await stream.all()).ok
                assert await manager.process.wait() == 0


@check
async def fed(arguments):
    """an idle server and a busy one are fed in time"""
    async with managed(arguments) as manager:
        port = await manager.port()
        idle = await manager.longest_silence(5)
        _, streams = await opened(port, 16, 900)
        readers = [asyncio.create_task(stream.all()) for stream in streams]
        busy = await manager.longest_silence(5)
        assert not all(reader.done() for reader in readers), "the server was not busy for long enough"
        for reader in readers:
            reader.cancel()
        print(f"        longest silence: idle {idle:.1f} s, busy {busy:.1f} s, allowed {INTERVAL} s")
        assert idle < INTERVAL and busy < INTERVAL


@check
async def stuck(arguments):
    """a server whose engine is stuck is not fed; started anew, it answers who came meanwhile"""
    with listener() as listening:
        async with managed(arguments, listening=listening) as manager:
            port = listening.getsockname()[1]
            client, (stream,) = await opened(port, 1, 900)
            thread = StoppedThread(manager.process.pid, "apus-engine")
            assert await manager.hears_nothing(), "a stuck engine was fed"
            # Health is still told, so that only the watchdog notices.
            assert (await client.get("/health/ready"))[0] == 200
            manager.process.kill()
            thread.forget()
            await manager.process.wait()
            # Nobody accepts, and nobody is refused.
            waiting = asyncio.create_task(client.ask("Name a river.", max_tokens=8))
            await manager.start()
            assert (await waiting).ok
            assert await manager.longest_silence(2) < INTERVAL
            stream.leave()


@check
async def stuck_loop(arguments):
    """a server one of whose event loops is stuck is not fed"""
    async with managed(arguments) as manager:
        await manager.port()
        thread = StoppedThread(manager.process.pid, "NIO-SGLTN")
        assert await manager.hears_nothing(), "a stuck event loop was fed"
        manager.process.kill()
        thread.forget()


@check
async def whole(arguments):
    """a process that is stopped as a whole is not fed, and fed again when it goes on"""
    async with managed(arguments) as manager:
        await manager.port()
        manager.process.send_signal(signal.SIGSTOP)
        assert await manager.hears_nothing()
        manager.process.send_signal(signal.SIGCONT)
        assert await manager.longest_silence(2) < INTERVAL


@check
async def queue(arguments):
    """connections wait while the server is started anew, and none is refused"""
    with listener() as listening:
        async with managed(arguments, listening=listening) as manager:
            client, (stream,) = await opened(listening.getsockname()[1], 1, 40)
            manager.process.send_signal(signal.SIGTERM)
            await manager.until(lambda: manager.count("STOPPING=1") == 1, 10)
            assert (await stream.all()).ok
            assert await manager.process.wait() == 0
            waiting = [asyncio.create_task(client.ask(f"Name river {n}.", max_tokens=8)) for n in range(10)]
            await manager.start()
            assert all(answer.ok for answer in await asyncio.gather(*waiting))


def main(*arguments):
    outcomes = {"passed": 0, "failed": 0, "skipped": 0}
    for function in CHECKS:
        try:
            asyncio.run(asyncio.wait_for(function(arguments), 300))
            outcome, detail = "passed", ""
        except Skipped as reason:
            outcome, detail = "skipped", f": {reason}"
        except Exception:
            outcome, detail = "failed", "\n" + traceback.format_exc()
        outcomes[outcome] += 1
        print(f"{outcome:7} {function.__doc__}{detail}", flush=True)
    print(", ".join(f"{count} {outcome}" for outcome, count in outcomes.items()))
    return 1 if outcomes["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
