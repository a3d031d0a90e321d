"""Where web listens, for whom, and what it is asked wrongly."""
import socket
import subprocess

from stations import SECONDS_MAX, Station, wait_for

SOURCE = "sources: ['drill:demo-day?speed=60']\n"


def run(station, *options):
    return subprocess.run([station.program, "run", "--station", station.folder, *options], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, timeout=SECONDS_MAX, check=False)


def try_in_use(part, program, folder):
    station = Station(program, folder, "in-use")
    with socket.create_server(("127.0.0.1", station.port)):
        station.tell(f"{SOURCE}metrics: {{listen: '127.0.0.1:{station.port}'}}\n")
        ran = run(station)
        part.same((ran.returncode, ran.stdout, ran.stderr),
                  (2, "", f"hinomi: metrics.listen: 127.0.0.1:{station.port}: another program listens there; expected a free "
                   "port: choose another, or off\n"), "a port in use is one line")
        ran = run(station, "--explain")
        part.ok(ran.returncode == 0 and "\nweb " in ran.stdout, "--explain opens none", ran.stderr)
    station.tell(f"{SOURCE}metrics: {{listen: '198.51.100.1:{station.port}'}}\n")
    ran = run(station)
    part.ok(ran.returncode == 2 and ran.stderr.count("\n") == 1 and "no interface has this address" in ran.stderr,
            "an address of others is one line", ran.stderr)
    (station.folder / "keys" / "heartbeat.secret").write_text("short\n")
    station.tell(f"{SOURCE}metrics: {{listen: off}}\nheartbeat: {{secret_file: keys/heartbeat.secret}}\n")
    ran = run(station)
    part.same((ran.returncode, ran.stderr), (
        2, "hinomi: keys/heartbeat.secret: its first line has 5 bytes; expected a secret of 16 to 512, such as `openssl rand "
        "-hex 32` makes\n"), "a secret that is too short is one line")


def try_default(part, program, folder):
    """Who did not ask for it does without, rather than not to watch."""
    if part.address is None:
        part.skip("the default port in use", "no namespace of our own")
        return
    station = Station(program, folder, "default", port=9464)
    station.tell(SOURCE)
    with socket.create_server(("127.0.0.1", 9464)):
        station.start()
        part.ok(station.is_ready("keeper"), "the default port in use: the station watches all the same", station.text())
        part.ok("metrics.off why=\"metrics.listen: 127.0.0.1:9464: another program listens there" in station.text(),
                "and says so", station.text())
        part.same(station.end(), (0, []), "it ends well without web")
    station.start()
    part.ok(station.is_ready("web") and station.ask()[0] == 200, "by default it listens on 9464")
    part.same(station.end(), (0, []), "it ends well")


def try_off(part, program, folder):
    station = Station(program, folder, "off")
    station.tell(f"{SOURCE}metrics: {{listen: off}}\n")
    ran = run(station, "--explain")
    part.ok(ran.returncode == 0 and "\nkeeper " in ran.stdout and "\nweb " not in ran.stdout, "both off: there is no such duty",
            ran.stdout)


def try_elsewhere(part, program, folder):
    """Another address than loopback stands for another machine."""
    if part.address is None:
        part.skip("who may read the numbers", "no namespace of our own")
        return
    for name, more, statuses in (("closed", "", (200, 403)), ("open", ", open: true", (200, 200))):
        station = Station(program, folder, name)
        station.tell(f"{SOURCE}metrics: {{listen: '0.0.0.0:{station.port}'{more}}}\n")
        station.start()
        station.is_ready("web")
        got = station.ask()[0], station.ask(host=part.address, source=(part.address, 0))[0]
        part.same(got, statuses, f"metrics.open {name}: who may read them")
        part.same(station.end(), (0, []), f"{name}: it ends well")


def try_requests(part, station):
    rows = [
        ("GET", "/metrics", 200), ("HEAD", "/metrics", 200), ("POST", "/metrics", 405), ("PUT", "/metrics", 405),
        ("DELETE", "/metrics", 405), ("OPTIONS", "/metrics", 405), ("TRACE", "/metrics", 405), ("GET", "/", 404),
        ("GET", "/metrics/", 404), ("GET", "//metrics", 404), ("GET", "/metrics%00", 404), ("GET", "/%6detrics", 404),
        ("GET", "/../../../../etc/passwd", 404), ("GET", "/..%2f..%2f..%2fetc/passwd", 404),
        ("GET", "/metrics/../../etc/passwd", 404), ("GET", "/heartbeat/north", 405), ("GET", "/heartbeat/..", 405),
        ("POST", "/heartbeat/", 404), ("GET", "/heartbeat/a/b", 404), ("GET", "/metrics?collect[]=x", 200),
    ]
    got = [(method, path, station.ask(method, path)[0]) for method, path, _ in rows]
    part.same([row for row in got if row not in rows], [], "methods and paths")
    hosts = {host: station.ask(headers={"Host": host})[0] for host in ("localhost", "127.0.0.1:1", "[::1]:1", "evil.example")}
    part.same(hosts, {"localhost": 200, "127.0.0.1:1": 200, "[::1]:1": 200, "evil.example": 403},
              "a name that somebody made lead here reads nothing")
    _, text, headers = station.ask("GET", "/nothing")
    part.same((text, headers.get("X-Content-Type-Options"), headers.get("Server")),
              ("there is nothing of this name here\n", "nosniff", None), "a refusal is our own line")


def try_garbage(part, station):
    head = b"GET /metrics HTTP/1.1\r\nHost: a\r\n"
    for name, data in (("64 KiB of a header", head + b"X: " + b"a" * 65536 + b"\r\n\r\n"),
                       ("20,000 headers", head + b"X: a\r\n" * 20000 + b"\r\n"),
                       ("64 KiB of a path", b"GET /" + b"a" * 65536 + b" HTTP/1.1\r\n\r\n"),
                       ("no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(512)),
                       ("length and pieces", b"POST /heartbeat/a HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n"
                        b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")):
        answer = station.say(data, wait=1)
        part.ok(not answer.startswith(b"HTTP/1.1 2") and answer.count(b"HTTP/1.1 ") <= 1, f"{name}: refused", answer[:200])
    station.say(b"GET /metrics\0 HTTP/1.1\r\nHost: a\r\n\r\n\0\0\0\0", wait=1)
    part.same(station.ask()[0], 200, "after which the page is there")
    part.ok("duty.died" not in station.text(), "and nobody died of it")


def try_ports(part, program, folder):
    try_in_use(part, program, folder)
    try_default(part, program, folder)
    try_off(part, program, folder)
    try_elsewhere(part, program, folder)
    station = Station(program, folder, "asked")
    station.tell(f"{SOURCE}metrics: {{listen: '127.0.0.1:{station.port}'}}\n")
    station.start()
    try:
        wait_for(lambda: station.value("hinomi_up", duty="keeper") == 1, 30)
        try_requests(part, station)
        try_garbage(part, station)
    finally:
        part.same(station.end(), (0, []), "it ends well")
