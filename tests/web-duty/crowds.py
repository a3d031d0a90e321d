"""Crowds that open connections and say nothing, or little, and others who ask."""
import socket
import threading
import time

from stations import Station, wait_for

CROWD = 400
ASKED = 100
SLOWEST_S = 1.0


def ask_often(station):
    """How long each took, the slowest last; and those that failed."""
    times, failed = [], 0
    for _ in range(ASKED):
        began = time.monotonic()
        failed += station.ask()[0] != 200
        times.append(time.monotonic() - began)
    return sorted(times), failed


def open_crowd(port, said):
    crowd = []
    for _ in range(CROWD):
        connection = socket.create_connection(("127.0.0.1", port), timeout=5)
        if said:
            connection.sendall(said)
        crowd.append(connection)
    return crowd


def drip(crowd, ended):
    """A header more of each now and then."""
    while not ended.wait(0.5):
        for connection in crowd:
            try:
                connection.send(b"X: a\r\n")
            except OSError:
                pass


def try_crowd(part, station, name, said):
    ended = threading.Event()
    crowd = open_crowd(station.port, said)
    dripping = threading.Thread(target=drip, args=(crowd if said else [], ended))
    dripping.start()
    times, failed = ask_often(station)
    ended.set()
    dripping.join()
    p99 = times[ASKED * 99 // 100 - 1]
    part.ok(failed == 0 and p99 < SLOWEST_S, f"{name}: others are served, 99 of 100 within {p99 * 1000:.0f} ms", failed,
            times[-3:])
    for connection in crowd:
        connection.close()


def try_slow_reader(part, station):
    """Who asks a hundred times and reads nothing."""
    connection = socket.create_connection(("127.0.0.1", station.port), timeout=5)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(0.5)
    try:
        for _ in range(500):
            connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n" * 20)
    except OSError:
        pass
    times, failed = ask_often(station)
    part.ok(failed == 0 and times[-2] < SLOWEST_S, "who does not read disturbs nobody", failed, times[-3:])
    connection.close()


def try_crowds(part, program, folder):
    station = Station(program, folder, "crowded")
    station.tell(f"sources: ['drill:demo-day?speed=60']\nmetrics: {{listen: '127.0.0.1:{station.port}'}}\n")
    station.start()
    try:
        wait_for(lambda: station.value("hinomi_up", duty="keeper") == 1, 30)
        try_crowd(part, station, f"{CROWD} that say nothing", b"")
        try_crowd(part, station, f"{CROWD} that say half a request, and more of it", b"GET /metrics HTTP/1.1\r\nX: ")
        try_slow_reader(part, station)
        part.ok((station.value("hinomi_http_connections_ended_total", why="room") or 0) > 0, "it counts whom it ended")
        part.ok(wait_for(lambda: (station.value("hinomi_http_open_connections") or 99) < 5, 20), "and nobody is left")
        part.ok("duty.died" not in station.text() and "duty.silent" not in station.text(), "and nobody died of it")
    finally:
        part.same(station.end(), (0, []), "it ends well")
