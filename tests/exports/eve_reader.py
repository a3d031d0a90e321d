"""FEVER, a reader of Suricata's EVE that others wrote: what it takes for an alert it passes on, as it is."""
import contextlib
import pathlib
import socket
import subprocess
import tempfile
import time

START_S = 30
# An event passes in milliseconds, but for those that a busy reader drops: it gets such a line again.
PASS_S = 2
TRIES = 5


def connect(path):
    until = time.monotonic() + START_S
    client = socket.socket(socket.AF_UNIX)
    while True:
        try:
            client.connect(str(path))
            return client
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


def line_of(client):
    line = b""
    with contextlib.suppress(TimeoutError):
        while not line.endswith(b"\n"):
            more = client.recv(1 << 16)
            if not more:
                break
            line += more
    return line


@contextlib.contextmanager
def reader():
    """Gives a function: what comes of a line, b"" for nothing, however often."""
    with tempfile.TemporaryDirectory(prefix="hinomi-eve-") as name, socket.socket(socket.AF_UNIX) as taker:
        folder = pathlib.Path(name)
        taker.bind(str(folder / "out"))
        taker.listen(1)
        taker.settimeout(START_S)
        with open(folder / "log", "wb") as log, subprocess.Popen(
                ["fever", "run", "--dummy", "--in-socket", folder / "in", "--out-socket", folder / "out", "--fwd-event-types", "alert",
                 "--mgmt-socket", folder / "manage", "--logfile", folder / "fever.log"], stdout=log, stderr=log,
                stdin=subprocess.DEVNULL) as process:
            try:
                out, _ = taker.accept()
                with out, connect(folder / "in") as giver:
                    seen = set()

                    def pass_on(line):
                        out.settimeout(PASS_S)
                        for _ in range(TRIES):
                            giver.sendall(line)
                            while (came := line_of(out)) in seen:
                                pass  # the second of one that was late
                            if came:
                                seen.add(came)
                                return came
                        return b""
                    yield pass_on
            finally:
                process.terminate()
                process.wait(START_S)
