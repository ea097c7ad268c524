"""A server under test: started on a free loopback port, and stopped by a signal."""

import re
import signal
import subprocess
import threading


class Server:
    """Runs `apus serve` until it is asked to stop."""

    def __init__(self, apus, model, *options, longest=500, prepare=None):
        self.process = subprocess.Popen(
            [apus, "serve", "--model", model, "--port", "0", *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            preexec_fn=prepare)
        self.log = []
        self.watchdog = threading.Timer(longest, self.process.kill)
        self.watchdog.daemon = True
        self.watchdog.start()
        self.port = self._wait_until_ready()
        self.reader = threading.Thread(target=lambda: self.log.extend(self.process.stdout), daemon=True)
        self.reader.start()
        self.origin = f"http://127.0.0.1:{self.port}"

    @property
    def context(self):
        """Positions a conversation may have, as the server says when it starts."""
        return int(re.search(r"context (\d+)", "".join(self.log))[1])

    def kill(self):
        """Ends the process at once, however it is."""
        self.watchdog.cancel()
        self.process.kill()
        self.process.wait()

    def _wait_until_ready(self):
        for line in self.process.stdout:
            self.log.append(line)
            if found := re.search(r"https?://(?:127\.0\.0\.1|localhost):(\d+)", line):
                return int(found[1])
        raise SystemExit(f"the server ended with {self.process.wait()}:\n{''.join(self.log)}")

    def terminate(self):
        """Sends the signal by which service managers stop a process."""
        self.process.send_signal(signal.SIGTERM)

    def exit_code(self):
        """Waits for the end."""
        code = self.process.wait(timeout=120)
        self.watchdog.cancel()
        return code
