"""The life of links: looked at, answered, answered again; by people, scanners, and those who mean ill."""
import concurrent.futures
import os
import signal
import socket
import subprocess
import time

import browser
import scene

SOON_H = int(time.time() // 3600) + 24
HOSTILE = "<script>alert(1)</script> \"'& \u202egnp.exe\r\nBcc: x@example.com\x1b[2J"


def try_letters(part, at):
    """The links of the town's mail, of its web hook, and of the hospital's mail."""
    town, hospital = at.letter(scene.TOWN_MAIL), at.letter(scene.HOSPITAL_MAIL)
    part.ok(town and hospital, "both members get a letter", *at.station.lines()[-20:])
    links = at.link_in(town.text), at.link_in(hospital.text)
    part.ok(all(links), "each has one link, on one line of 72 columns at most", town.text, hospital.text)
    part.ok("回答のお願い" in town.text and "対応が済みました" in town.text and "PLEASE ANSWER" in hospital.text,
            "and says in its language what can be answered")
    until = time.monotonic() + scene.WAIT_S
    while not at.hook.notices and time.monotonic() < until:
        time.sleep(0.1)
    notice = at.hook.notices[0]
    part.ok(notice.get("answer_url", "").startswith(at.url + "/a/") and notice["answer_url"] in notice["text"]
            and notice["answer_url"] != at.url + links[0], "a web hook gets it as answer_url: its own", notice)
    return links


def number_in(at, link):
    """The incident of a link."""
    page = at.browser.look(link).page
    names = page.text.split()
    return int(names[names.index("インシデント") + 1] if page.language == "ja" else names[names.index("Incident") + 1])


# ---- Looking ----

def try_page(part, at, links):
    for link, member, language, machine in ((links[0], scene.TOWN, "ja", "198.51.100.77"), (links[1], scene.HOSPITAL, "en", "203.0.113.")):
        answer = at.browser.look(link)
        page = answer.page
        part.ok(answer.status == 200 and page.balanced and page.language == language and member in page.text
                and machine in page.text, f"{member}: the page tells of the incident in the contact's language", answer.body.decode())
        part.same(page.answers, ["on-it", "fixed", "not-ours", "harmless", "stop"], f"{member}: five answers")
        names = {name for name, _ in page.elements}
        links_out = [value for _, attributes in page.elements for key, value in attributes.items()
                     if key in ("href", "src", "action") and not value.startswith("?lang=")]
        part.ok(not names & {"script", "img", "link", "iframe", "object"} and not links_out
                and not any(key.startswith("on") for _, attributes in page.elements for key in attributes),
                f"{member}: no script, and nothing from elsewhere", names, links_out)
        wanted = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow",
                  "X-Content-Type-Options": "nosniff", "Content-Type": "text/html; charset=utf-8"}
        part.same({name: answer.headers.get(name) for name in wanted}, wanted, f"{member}: its headers")
        policy = answer.headers.get("Content-Security-Policy", "")
        part.ok("default-src 'none'" in policy and "form-action 'self'" in policy and "unsafe" not in policy,
                f"{member}: its policy", policy)
        other = at.browser.look(link + ("?lang=en" if language == "ja" else "?lang=ja")).page
        part.ok(other.language != language and other.answers == page.answers, f"{member}: it can be had in the other language")
    part.same(at.browser.look(links[0] + "?lang=xx").page.language, "ja", "a language that is none is the contact's")


def try_scanners(part, at, links, number):
    """They follow links, by GET and HEAD, again and again."""
    before = at.all_of(number)
    statuses = {at.browser.ask(method, links[0] + more).status for _ in range(10) for method in ("GET", "HEAD")
                for more in ("", "?lang=en", "?answer=fixed")}
    part.same(statuses, {200}, "60 times GET and HEAD: the page")
    part.same(at.all_of(number), before, "and nothing changes")
    head = at.browser.ask("HEAD", links[0])
    part.ok(head.body == b"" and head.headers.get("Content-Type") == "text/html; charset=utf-8", "HEAD has no body")
    part.same([at.browser.ask(method, links[0]).status for method in ("PUT", "DELETE", "OPTIONS", "PATCH")], [405] * 4,
              "other methods are none")


# ---- Answers that are none ----

def try_foreign(part, at, links, number):
    before = at.all_of(number)
    form = at.browser.look(links[0]).page.form
    other = at.browser.look(links[1]).page.form
    good = {"form": form, "answer": "fixed", "note": ""}
    rows = (("without a form token", {**good, "form": ""}, {}), ("with a wrong one", {**good, "form": form[::-1]}, {}),
            ("with that of another link", {**good, "form": other}, {}), ("with an unknown answer", {**good, "answer": "burn"}, {}),
            ("from another site", good, {"Sec-Fetch-Site": "cross-site"}), ("from a neighbour", good, {"Sec-Fetch-Site": "same-site"}),
            ("with another origin", good, {"Origin": "https://evil.example"}),
            ("as another type", good, {"Content-Type": "text/plain"}))
    for name, fields, headers in rows:
        answer = at.browser.post(links[0], headers, **fields)
        part.ok(answer.status == 403 and answer.page.form is None, f"posted {name}: refused", answer.status, answer.body)
    part.same(at.browser.ask("POST", links[0], "form=" + form, {"Content-Type": browser.FORM_TYPE}).status, 403, "without its fields: refused")
    part.same(at.browser.post(links[0], **{**good, "note": "x" * 10000}).status, 413, "with 10 kB of note: refused unread")
    part.same(at.browser.post(links[0], **{**good, "note": "x" * 1000}).status, 403, "with more note than the form takes: refused")
    part.same(at.browser.ask("POST", links[0], b"form=" + form.encode() + b"&answer=fixed&note=%ff%00",
                             {"Content-Type": browser.FORM_TYPE}).status, 403, "with what is no text: refused")
    part.same(at.all_of(number), before, "and nothing of it changes anything")


def try_wrong_links(part, at, links, numbers):
    """Whatever is wrong with a link looks the same."""
    key = browser.read_key(at.station.folder)
    town, hospital = (at.number_of(address) for address in (scene.TOWN_MAIL, scene.HOSPITAL_MAIL))
    part.same(at.browser.look("/a/" + browser.token(key, numbers[0], town, SOON_H)).status, 200,
              "a token made by other means from the station's key is right")
    text = links[0][3:]
    rows = {"garbage": "A" * 32, "short": text[:-1], "long": text + "A", "a letter changed": text[:-3] + ("AAA" if text[-3:] != "AAA" else "BBB"),
            "expired": browser.token(key, numbers[0], town, SOON_H - 48), "another station's": browser.token(b"\0" * 32, numbers[0], town, SOON_H),
            "a contact that is gone": browser.token(key, numbers[0], 999, SOON_H),
            "an incident that is gone": browser.token(key, 999999, town, SOON_H),
            "the incident of another member": browser.token(key, numbers[1], town, SOON_H),
            "the contact of another member": browser.token(key, numbers[0], hospital, SOON_H)}
    before = at.all_of(numbers[0])
    answers = {name: at.browser.look("/a/" + row) for name, row in rows.items()}
    part.same({name: answer.status for name, answer in answers.items()}, dict.fromkeys(rows, 404), "each wrong link is refused")
    part.same(len({(answer.body, str(answer.headers.get("Content-Security-Policy"))) for answer in answers.values()}), 1,
              "by the same page, byte for byte")
    posts = [at.browser.post("/a/" + row, form=browser.form_of(key, row), answer="fixed", note="") for row in rows.values()]
    part.same({(answer.status, answer.body) for answer in posts}, {(404, answers["garbage"].body)}, "also where an answer is posted")
    part.same(at.all_of(numbers[0]), before, "which changes nothing")
    part.same(at.browser.look("/").status, 200, "the station's page is there beside them")
    part.same([at.browser.look(path).status for path in ("/index.html", "/a/", "/a", "/a/x/y", "/metrics", "/a/../a/" + text)], [404] * 6,
              "nothing else is served here")


# ---- Answers ----

def try_answers(part, at, links, number):
    answer = at.browser.answer(links[0], "on-it", "調べています")
    part.ok(answer.status == 303 and "/a/" + answer.headers["Location"] == links[0], "an answer leads back to the page", answer.status)
    page = at.browser.look(links[0]).page
    part.ok("回答を記録しました" in page.text and "調べています" in page.text and "対応中" in page.text, "which shows what was recorded",
            page.text)
    part.same(at.incident(number)["state"], "in-progress", "on it: in progress")
    events = at.events(number)
    part.same([(event["by"], event["note"]) for event in events],
              [(f"{scene.TOWN_MAIL} (contact {at.number_of(scene.TOWN_MAIL)})", "on-it: 調べています")], "the history has it")
    form = page.form
    statuses = {at.browser.post(links[0], form=form, answer="on-it", note="調べています").status for _ in range(10)}
    part.ok(statuses == {303} and at.events(number) == events, "the same again, ten times: the same page, and no more history")
    answer = at.browser.ask("POST", links[0] + "?lang=en", f"form={form}&answer=fixed&note=", {"Content-Type": browser.FORM_TYPE})
    part.ok(answer.headers["Location"].endswith("?lang=en") and "It is fixed" in at.browser.look(links[0] + "?lang=en").page.text,
            "in English it stays English")
    part.same((at.incident(number)["state"], at.incident(number)["close_reason"]), ("closed", "fixed"), "fixed: closed")
    part.same(at.browser.answer(links[0], "on-it").status, 303, "after all we are on it")
    part.same(at.incident(number)["state"], "in-progress", "it goes on")
    shown = subprocess.run([at.station.program, "incident", "show", str(number), "--station", str(at.station.folder)],
                           capture_output=True, text=True).stdout
    part.ok(scene.TOWN_MAIL in shown and "調べています" in shown, "`hinomi incident show` tells of it", shown)


def try_origins(part, at, links):
    """What browsers say of a page that tells nobody where it is."""
    for headers in ({"Origin": "null", "Sec-Fetch-Site": "same-origin"}, {"Origin": at.url}, {"Origin": "null"}):
        part.same(at.browser.answer(links[0], "on-it", headers=headers).status, 303, f"taken from a browser that says {headers}")


def try_notes(part, at, links, number):
    answer = at.browser.answer(links[1], "on-it", HOSTILE)
    answer_page = at.browser.look(links[1])
    part.ok(answer.status == 303 and answer_page.page.balanced and not answer_page.page.all("script")
            and "<script>alert(1)</script>" in answer_page.page.text, "a hostile note is shown as text", answer_page.body.decode())
    note = at.events(number)[-1]["note"]
    part.same(note, "on-it: <script>alert(1)</script> \"'& \\u{202e}gnp.exe Bcc: x@example.com\\u{1b}[2J", "and kept on one line, made visible")
    shown = subprocess.run([at.station.program, "incident", "show", str(number), "--station", str(at.station.folder)],
                           capture_output=True, text=True).stdout
    part.ok("\x1b" not in shown and "\u202e" not in shown and "Bcc:" in shown, "a terminal sees nothing else of it", shown)


def try_operator(part, at, links, number):
    """Who registers addresses and exceptions hears of it."""
    at.browser.answer(links[1], "not-ours", "the clinic next door")
    letter = at.mail.wait(lambda mail: mail.to == scene.OPERATOR_MAIL and "not ours" in mail.subject, 30)
    part.ok(letter and scene.HOSPITAL in letter.text and "the clinic next door" in letter.text and f"#{number}" in letter.subject,
            "not ours: the operator gets a letter", letter and letter.text)
    part.same((at.incident(number)["state"], at.incident(number)["close_reason"]), ("closed", "not-ours"), "and it is closed so")
    at.browser.answer(links[1], "harmless")
    part.ok(at.mail.wait(lambda mail: mail.to == scene.OPERATOR_MAIL and "harmless" in mail.subject, 30), "harmless: likewise")
    part.ok("hinomi exception add" in at.browser.look(links[1]).page.text, "and the page says how an exception is made")
    part.same(at.incident(number)["close_reason"], "harmless", "the last answer counts")
    at.browser.answer(links[1], "stop")
    part.ok(at.events(number)[-1]["note"] == "stop" and "no more letters" in at.browser.look(links[1]).page.text,
            "stop is recorded, and said")


def try_crowd(part, at, links, number):
    """Many at once: each is answered, and the last one that was recorded stands."""
    form = at.browser.look(links[0]).page.form
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(lambda i: at.browser.post(links[0], form=form, answer=("on-it", "fixed")[i % 2], note="").status, range(60)))
    part.ok(set(statuses) <= {303, 429} and 303 in statuses, "60 at once: recorded, or too many of them", statuses)
    events = at.events(number)
    mine = [event for event in events if event["by"].endswith(f"(contact {at.number_of(scene.TOWN_MAIL)})")]
    part.ok(len(mine) <= 32, "no more than a link takes", len(mine))
    wanted = {"on-it": "in-progress", "fixed": "closed"}[mine[-1]["note"].split(":")[0]]
    part.same(at.incident(number)["state"], wanted, "the last one stands")


# ---- Those who disturb ----

def try_rate(part, at, links):
    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        statuses = list(pool.map(lambda _: at.browser.look(links[0], address="203.0.113.200").status, range(100)))
    part.ok(set(statuses) == {200, 429} and statuses.count(200) >= 30, "who asks too often is slowed down", statuses)
    part.same(at.browser.look(links[0], address="203.0.113.201").status, 200, "others are not")
    part.same(at.browser.look(links[0], address="203.0.113.200, 203.0.113.202").status, 200, "what a proxy says last counts")
    refused = next((answer for answer in at.browser.seen if answer.status == 429), None)
    part.ok(refused and refused.page.form is None and refused.page.balanced, "he is told so on a page")


def try_slow(part, at, links):
    slow = []
    for _ in range(40):
        connection = socket.create_connection(("127.0.0.1", at.port), timeout=5)
        connection.sendall(f"POST {links[0]} HTTP/1.1\r\nHost: x\r\nContent-Length: 200\r\n\r\nform=".encode())
        slow.append(connection)
    began = time.monotonic()
    status = at.browser.look(links[0]).status
    part.ok(status == 200 and time.monotonic() - began < 3, "40 that post half an answer, and others are served", status)
    for connection in slow:
        connection.close()


def try_deaths(part, at, links, number):
    keeper = at.station.duties()["keeper"]
    before = at.all_of(number)
    form = at.browser.look(links[1]).page.form
    os.kill(keeper, signal.SIGSTOP)
    began = time.monotonic()
    answer = at.browser.look(links[1])
    took = time.monotonic() - began
    part.ok(answer.status == 503 and answer.page.form is None and took < 9, "a keeper that hangs: a page says so, in time", answer.status, took)
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(at.browser.post, links[1], form=form, answer="fixed", note="in between")
        time.sleep(1)
        at.station.kill(keeper)
        os.kill(keeper, signal.SIGCONT)
        part.same(waiting.result().status, 503, "one that dies in between: likewise")
    until = time.monotonic() + 30
    while at.browser.look(links[1]).status != 200 and time.monotonic() < until:
        time.sleep(0.2)
    part.same(at.all_of(number), before, "nothing was half recorded")
    part.same(at.browser.answer(links[1], "fixed", "in between").status, 303, "the next keeper takes it")
    part.ok(at.events(number)[-1]["note"] == "fixed: in between", "and has it once")
    web = at.station.duties()["web"]
    at.station.kill(web)
    until = time.monotonic() + 30
    while at.browser.look(links[1]).status != 200 and time.monotonic() < until:
        time.sleep(0.2)
    part.ok("in between" in at.browser.look(links[1]).page.text, "a web duty that dies is back, with the same socket")


def try_removed(part, at, links):
    wrong = at.browser.look("/a/" + "A" * 32).body
    done = subprocess.run([at.station.program, "contact", "remove", str(at.number_of(scene.HOSPITAL_MAIL)), "--station",
                           str(at.station.folder)], capture_output=True, text=True)
    answer = at.browser.look(links[1])
    part.ok(done.returncode == 0 and answer.status == 404 and answer.body == wrong, "the link of a contact that was removed is none",
            done.stderr, answer.status)


def try_apart(part, at):
    """No page that a member saw, and no other answer, has anything of the other member."""
    town = (scene.TOWN, scene.TOWN_MAIL, "198.51.100.")
    hospital = (scene.HOSPITAL, scene.HOSPITAL_MAIL, "203.0.113.")
    secret = at.hook.url.rpartition("/")[2]
    mixed = []
    for answer in at.browser.seen:
        text = answer.body.decode(errors="replace")
        has = [any(word in text for word in words) for words in (town, hospital)]
        if all(has) or (answer.status != 200 and any(has)) or secret in text or "/a/" in text:
            mixed.append(text)
    part.ok(len(at.browser.seen) > 150 and not mixed, "no answer has anything of two members", len(at.browser.seen), *mixed[:2])


def try_life(part, program, folder):
    at = scene.Scene(program, folder)
    at.start()
    try:
        links = try_letters(part, at)
        numbers = [number_in(at, link) for link in links]
        at.await_calm()
        try_page(part, at, links)
        try_scanners(part, at, links, numbers[0])
        try_foreign(part, at, links, numbers[0])
        try_wrong_links(part, at, links, numbers)
        try_answers(part, at, links, numbers[0])
        try_origins(part, at, links)
        try_notes(part, at, links, numbers[1])
        try_operator(part, at, links, numbers[1])
        try_slow(part, at, links)
        try_crowd(part, at, links, numbers[0])
        try_rate(part, at, links)
        try_deaths(part, at, links, numbers[1])
        try_removed(part, at, links)
        try_apart(part, at)
    finally:
        part.same(at.end(), (0, []), "it ends well")
