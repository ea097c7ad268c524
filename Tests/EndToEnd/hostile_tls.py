"""Hostile clients of TLS, rows T1 to T5 and H23; each states what is to come back."""

import asyncio
import json
import os
import ssl
import subprocess
import tempfile

from raw import PATIENCE, Raw, ask, get, post, until
from server import Server

ROWS = []


def row(name, alone=False):
    """Marks a case. One that measures, or fills the server, is to run alone."""
    def mark(function):
        function.together = not alone
        ROWS.append((name, function))
        return function
    return mark


class Encrypted:
    """A server with a certificate of its own, which is made for it."""

    _only = None
    _lock = asyncio.Lock()

    def __init__(self, c):
        self.folder = tempfile.TemporaryDirectory()
        self.certificate, self.key = self.make("localhost")
        self.server = Server(*c.command, "--tls-certificate", self.certificate, "--tls-key", self.key)
        self.port = self.server.port

    @classmethod
    async def get(cls, c):
        """The one that all cases share."""
        async with cls._lock:
            if cls._only is None:
                cls._only = await asyncio.to_thread(cls, c)
            return cls._only

    @classmethod
    def end(cls):
        if cls._only is not None:
            cls._only.server.kill()
            cls._only.folder.cleanup()
            cls._only = None

    def make(self, name, file="served"):
        """Makes a certificate and its key, and puts them in place of the ones before at once."""
        paths = [os.path.join(self.folder.name, f"{file}.{kind}") for kind in ("crt", "key")]
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "2", "-subj", f"/CN={name}", "-out", paths[0] + ".new",
             "-keyout", paths[1] + ".new"], check=True, capture_output=True)
        for path in paths:
            os.replace(path + ".new", path)
        return paths

    def client(self):
        """A client's settings, which trust anybody."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context

    async def ask(self, data):
        return await ask(self.port, data, ssl=self.client())

    async def name(self):
        """The name in the certificate that is served now."""
        text = await self.openssl("-brief")
        return text.partition("CN = ")[2].split("\n")[0].strip() or text

    async def openssl(self, *options, typed=b""):
        """What openssl's client says."""
        process = await asyncio.create_subprocess_exec(
            "openssl", "s_client", "-connect", f"127.0.0.1:{self.port}", *options,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT)
        try:
            output, _ = await asyncio.wait_for(process.communicate(typed), PATIENCE)
        except TimeoutError:
            process.kill()
            raise
        return output.decode(errors="replace")


@row("T1 500 handshakes that stall")
async def stalled(c):
    server = await Encrypted.get(c)
    outgoing = ssl.MemoryBIO()
    client = server.client().wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname="localhost")
    try:
        client.do_handshake()
    except ssl.SSLWantReadError:
        pass
    hello = outgoing.read()

    async def stall(number):
        connection = await Raw.open(server.port)
        await connection.send(hello if number % 2 else hello[:20])
        await connection.rest()
        return connection.ended

    stalls = asyncio.gather(*[stall(number) for number in range(500)])
    await asyncio.sleep(3)
    for _ in range(10):
        assert (await server.ask(get())).statuses == [200]
    assert all(await stalls), "a handshake that stalls is kept"


@row("T2 versions and suites")
async def suites(c):
    server = await Encrypted.get(c)
    weak = "ALL:@SECLEVEL=0"
    for options, is_served in [
        (["-tls1_3"], True), (["-tls1_2"], True), (["-noservername"], True),
        (["-servername", "a" * 255], True), (["-alpn", "h2,garbage"], True), (["-alpn", "garbage"], True),
        (["-tls1", "-cipher", weak], False), (["-tls1_1", "-cipher", weak], False),
        (["-tls1_2", "-cipher", "AES128-GCM-SHA256"], False),
        (["-tls1_2", "-cipher", "ECDHE-ECDSA-AES128-SHA"], False),
        (["-tls1_2", "-cipher", "ECDHE-ECDSA-AES256-SHA384"], False),
        (["-tls1_2", "-cipher", "NULL:eNULL:aNULL:@SECLEVEL=0"], False),
    ]:
        text = await server.openssl(*options)
        refused = "Cipher is (NONE)" in text or "no cipher match" in text
        assert refused != is_served, (options, text)


@row("T2 a server name of 16 KB, and other bytes that are no handshake")
async def no_handshake(c):
    server = await Encrypted.get(c)
    name = b"\0\0" + (16_005).to_bytes(2) + (16_003).to_bytes(2) + b"\0" + (16_000).to_bytes(2) + b"a" * 16_000
    body = (b"\x03\x03" + bytes(32) + b"\0" + b"\0\x02\x13\x01" + b"\x01\0" + len(name).to_bytes(2) + name)
    hello = b"\x01" + len(body).to_bytes(3) + body
    record = b"\x16\x03\x01" + len(hello).to_bytes(2) + hello
    for data in (record, b"\x16\x03\x01\xff\xff" + bytes(65535), b"\x80\x2e\x01\0\x02", bytes(100)):
        answer = await ask(server.port, data)
        assert answer.ended and b"HTTP" not in answer.received
    assert (await server.ask(get())).statuses == [200]


@row("T2 whoever agrees on h2 is served nothing else")
async def agreed(c):
    server = await Encrypted.get(c)
    for offer, is_served in ((["h2"], False), (["http/1.1"], True), ([], True)):
        client = server.client()
        if offer:
            client.set_alpn_protocols(offer)
        answer = await ask(server.port, get(), ssl=client)
        assert answer.ended and (answer.statuses == [200]) == is_served, (offer, answer.received)
        assert is_served or b"HTTP/1.1" not in answer.received, answer.received


@row("T3 renegotiation is refused")
async def renegotiation(c):
    server = await Encrypted.get(c)
    text = await server.openssl("-tls1_2", typed=b"R\n")
    _, was_asked, after = text.partition("RENEGOTIATING")
    assert was_asked and "error:" in after, text


@row("T3 key updates without end")
async def key_updates(c):
    server = await Encrypted.get(c)
    process = await asyncio.create_subprocess_exec(
        "openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", "-tls1_3", "-quiet", "-no_ign_eof",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL)
    await asyncio.sleep(0.5)
    for _ in range(300):
        if process.returncode is not None:
            break
        try:
            # It is a command only at the beginning of what is read at once.
            process.stdin.write(b"k\n")
            await process.stdin.drain()
        except OSError:
            break
        await asyncio.sleep(0.01)
    try:
        await asyncio.wait_for(process.wait(), PATIENCE)
    finally:
        if process.returncode is None:
            process.kill()


@row("T3 records of one byte")
async def small_records(c):
    server = await Encrypted.get(c)
    connection = await Raw.open(server.port, ssl=server.client())
    for byte in get():
        await connection.send(bytes([byte]))
    await connection.rest()
    assert connection.statuses == [200] and connection.ended


@row("T4 files that a server cannot begin with")
async def bad_files(c):
    server = await Encrypted.get(c)
    other = server.make("other", "other")
    empty = os.path.join(server.folder.name, "empty")
    open(empty, "w").close()
    expired = os.path.join(server.folder.name, "expired.crt")
    made = subprocess.run(
        ["openssl", "x509", "-in", other[0], "-signkey", other[1], "-days", "-1", "-out", expired],
        capture_output=True)
    cases = [
        ("/no/such.crt", other[1], "cannot be read"), (other[0], "/no/such.key", "cannot be read"),
        (empty, other[1], "holds no certificate"), (other[0], empty, "holds no private key"),
        (other[0], server.key, "does not belong to"),
    ]
    if made.returncode == 0:
        cases.append((expired, other[1], "has expired"))
    for certificate, key, word in cases:
        apus, model = c.command
        process = await asyncio.create_subprocess_exec(
            apus, "serve", "--model", model, "--port", "0", "--tls-certificate", certificate,
            "--tls-key", key, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT)
        output, _ = await asyncio.wait_for(process.communicate(), PATIENCE)
        lines = output.decode().strip().splitlines()
        assert process.returncode > 0 and len(lines) == 1 and word in lines[0], lines


@row("T4 a certificate that is replaced while the server runs", alone=True)
async def replaced(c):
    server = await Encrypted.get(c)
    server.make("second")

    async def is_new():
        return (await server.name()).startswith("second")
    await until(is_new, step=0.5)
    with open(server.key, "w") as file:
        file.write("no key")
    await asyncio.sleep(1.2)
    assert await is_new(), "a bad key was taken"
    server.make("third")

    async def is_newer():
        return (await server.name()).startswith("third")
    await until(is_newer, step=0.5)


@row("T5 a body that is cut off", alone=True)
async def cut_off(c):
    server = await Encrypted.get(c)
    before = (await encrypted_health(server))["steps"]
    chat = {"model": "smollm2", "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 50}
    data = post(chat, "X: y").replace(b"Content-Length: ", b"Content-Length: 1")
    for _ in range(20):
        connection = await Raw.open(server.port, ssl=server.client())
        await connection.send(data)
        connection.writer.transport.abort()
    await asyncio.sleep(0.5)
    assert (await encrypted_health(server))["steps"] == before, "part of a request was carried out"


async def encrypted_health(server):
    answer = await server.ask(get("/health"))
    return json.loads(answer.received.partition(b"\r\n\r\n")[2])


@row("H23 bytes that are not encrypted, to an encrypted server")
async def plain(c):
    server = await Encrypted.get(c)
    answer = await ask(server.port, get())
    assert answer.ended and b"HTTP/1.1" not in answer.received, answer.received
    assert any("TLS handshake failed" in line for line in server.server.log), server.server.log


def rows():
    return ROWS


def end():
    """Ends the server that the cases shared."""
    Encrypted.end()
