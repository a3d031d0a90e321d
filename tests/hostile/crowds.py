"""Crowds: thousands that say nothing, little, or much, and those who ask and do not read."""
import resource
import socket
import threading
import time

from town import Meanwhile

IDLE = 2000
SLOW = 600
ADDRESSES = 40
HOLD_S = 5
READERS = 64  # as many streams as there may be
SLOWEST_S = 1.0
# Each of these asks for a list that is not kept, as fast as it can.
GREEDY = 8


def source_of(i):
    return f"127.0.{10 + i % ADDRESSES}.1"


def open_crowd(town, count, said=b""):
    crowd = []
    for i in range(count):
        try:
            connection = town.connect(source_of(i))
            if said:
                connection.sendall(said)
        except OSError:
            continue
        connection.setblocking(False)
        crowd.append(connection)
    return crowd


def close_all(crowd):
    for connection in crowd:
        connection.close()


def try_idle(points, town):
    with Meanwhile(town) as meanwhile:
        crowd = open_crowd(town, IDLE)
        time.sleep(HOLD_S)
    points.ok(len(crowd) >= IDLE * 9 // 10, f"crowds: {len(crowd)} connections that say nothing")
    meanwhile.judge(points, f"crowds: {IDLE} that say nothing", SLOWEST_S)
    close_all(crowd)


def try_headers(points, town):
    """Each says one header more, now and then, and never comes to an end."""
    with Meanwhile(town) as meanwhile:
        crowd = open_crowd(town, SLOW, b"GET /api/v1/incidents HTTP/1.1\r\nHost: 127.0.0.1\r\n")
        end = time.monotonic() + HOLD_S
        while time.monotonic() < end:
            for i, connection in enumerate(crowd):
                try:
                    connection.send(b"X-%d: a\r\n" % i)
                except OSError:
                    pass
            time.sleep(0.3)
    meanwhile.judge(points, f"crowds: {SLOW} that dribble headers", SLOWEST_S)
    close_all(crowd)


def try_greedy(points, town):
    """Signed in, and asking as fast as they can for what is looked up anew."""
    over = threading.Event()
    token = town.sign_in("sakura")

    def ask(i):
        asked = 0
        while not over.is_set():
            asked += 1
            town.ask("GET", f"/api/v1/incidents?limit=500&since=2026-01-01T00:00:{asked % 60:02}Z&port={i}", token=token, source=source_of(i))

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(GREEDY)]
    with Meanwhile(town) as meanwhile:
        for thread in threads:
            thread.start()
        time.sleep(HOLD_S)
        over.set()
        for thread in threads:
            thread.join()
    meanwhile.judge(points, f"crowds: {GREEDY} that ask without a pause", SLOWEST_S)


def try_unread(points, town):
    """Requests by the thousand whose answers are left where they are."""
    with Meanwhile(town) as meanwhile:
        crowd = []
        for i in range(50):
            connection = town.connect(source_of(i))
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.setblocking(False)
            crowd.append(connection)
        asked = f"GET /api/v1/incidents?limit=500 HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: hinomi={town.token}\r\n\r\n".encode() * 50
        end = time.monotonic() + HOLD_S
        while time.monotonic() < end:
            for connection in crowd:
                try:
                    connection.send(asked)
                except OSError:
                    pass
            time.sleep(0.2)
    meanwhile.judge(points, "crowds: 50 that ask and do not read", SLOWEST_S)
    close_all(crowd)


def open_streams(town, token, count):
    """Statuses of as many streams; the connections, which nobody reads any more."""
    streams, statuses = [], []
    for i in range(count):
        connection = town.connect(source_of(i))
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(f"GET /api/v1/events?sparks=1 HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: hinomi={token}\r\n\r\n".encode())
        connection.settimeout(5)
        try:
            statuses.append(int(connection.recv(200).split(b" ")[1]))
        except (OSError, IndexError, ValueError):
            statuses.append(0)
        streams.append(connection)
    return streams, statuses


def try_streams(points, town):
    token = town.sign_in("wall")
    before = town.figures()['hinomi_duty_resident_memory_bytes{duty="web"}']
    with Meanwhile(town) as meanwhile:
        streams, statuses = open_streams(town, token, READERS + 6)
        time.sleep(HOLD_S)
    points.ok(statuses.count(200) <= READERS and set(statuses) <= {200, 503, 429} and statuses.count(200) >= 8,
              "crowds: streams have a limit, past which one is told so", statuses)
    meanwhile.judge(points, f"crowds: {statuses.count(200)} streams that nobody reads", SLOWEST_S)
    grew = town.figures()['hinomi_duty_resident_memory_bytes{duty="web"}'] - before
    # what waits for each has a limit (HTTP_STREAM_BYTES); sanitizers keep what was freed
    points.ok(grew < 200 << 20, f"crowds: for which {grew / 1e6:.0f} MB are kept", grew)
    close_all(streams)
    end = time.monotonic() + 45
    status = 0
    while status != 200 and time.monotonic() < end:
        time.sleep(1)
        last, statuses = open_streams(town, token, 1)
        status = statuses[0]
        close_all(last)
    points.same(status, 200, "crowds: when they are gone there is room again")


def try_crowds(points, town):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, max(soft, IDLE + 1000)), hard))
    try_idle(points, town)
    try_headers(points, town)
    try_unread(points, town)
    try_greedy(points, town)
    try_streams(points, town)
    figures = town.figures()
    points.ok(figures['hinomi_http_connections_ended_total{why="room"}'] > 0, "crowds: it counts whom it ended")
