"""Where the page is served, and what goes on without it."""
import http.client
import socket
import subprocess

from stations import SECONDS_MAX, Station, free_port

SOURCE = "sources: ['drill:demo-day?speed=60']\nmetrics: {listen: off}\n"
PORT = 8480
TAKEN = "another program listens there; expected a free port: choose another, or off"


def get(port, path="/", headers=None):
    """Status, text and headers; status 0 where there was no answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path, headers=headers or {})
        response = connection.getresponse()
        return response.status, response.read().decode(), response.headers
    except OSError as error:
        return 0, str(error), {}
    finally:
        connection.close()


def refused(station):
    ran = subprocess.run([station.program, "run", "--station", station.folder], capture_output=True, text=True,
                         stdin=subprocess.DEVNULL, timeout=SECONDS_MAX, check=False)
    return ran.returncode, ran.stdout, ran.stderr


def try_default(part, program, folder):
    """Two stations beside each other, of which nobody chose the port."""
    first, second = (Station(program, folder, name) for name in ("first", "second"))
    for station in (first, second):
        station.tell(SOURCE, page="")
    first.start()
    part.ok(first.is_ready("web"), "a station serves its page", first.text())
    status, text, headers = get(PORT)
    part.ok(status == 200 and "<title>Hinomi" in text and "default-src 'none'" in headers["Content-Security-Policy"],
            "by default on 8480", status, text[:500])
    second.start()
    part.ok(second.is_ready("keeper"), "a second one beside it watches all the same", second.text())
    part.ok(f'page.off why="web.listen: 127.0.0.1:{PORT}: {TAKEN}"' in second.text(), "and says that it has none", second.text())
    part.ok(" duty=web" not in second.text(), "where nothing else is served there is no such duty", second.text())
    part.same(second.end(), (0, []), "it ends well without")
    part.same(get(PORT)[0], 200, "the first goes on")
    part.same(first.end(), (0, []), "it ends well")


def try_chosen(part, program, folder):
    station = Station(program, folder, "chosen")
    port = free_port()
    with socket.create_server(("127.0.0.1", port)):
        for more in (f"listen: '127.0.0.1:{port}'", f"url: 'http://127.0.0.1:{port}', listen: '127.0.0.1:{port}'"):
            station.tell(SOURCE, page=f"web: {{{more}}}\n")
            part.same(refused(station), (2, "", f"hinomi: web.listen: 127.0.0.1:{port}: {TAKEN}\n"),
                      f"a chosen port in use is one line ({more.split(':')[0]})")
        station.tell(SOURCE, page="web: {listen: off}\n")
        station.start()
        part.ok(station.is_ready("keeper"), "off: it watches")
        part.ok(" duty=web" not in station.text() and "page.off" not in station.text(), "without such a duty, or a word of it",
                station.text())
        part.same(station.end(), (0, []), "it ends well")


def try_beside(part, program, folder):
    """The page where nobody chose it, and numbers where they are wanted: one may be without the other."""
    station = Station(program, folder, "beside")
    station.tell(f"sources: ['drill:demo-day?speed=60']\nmetrics: {{listen: '127.0.0.1:{station.port}'}}\n", page="")
    with socket.create_server(("127.0.0.1", PORT)):
        station.start()
        part.ok(station.is_ready("web") and station.ask()[0] == 200, "without the page there are numbers", station.text())
        part.ok("page.off" in station.text(), "and it is said", station.text())
        part.same(station.ask("GET", "/")[0], 404, "which are all that is there")
        part.same(station.end(), (0, []), "it ends well")


def try_page(part, program, folder):
    if part.address is None:
        part.skip("the default port of the page", "no namespace of our own")
    else:
        try_default(part, program, folder)
        try_beside(part, program, folder)
    try_chosen(part, program, folder)
