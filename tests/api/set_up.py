"""Waits for a fresh server, makes its owner with the printed token, and leaves the session cookie and the OpenAPI document."""

import json
import re
import sys
import time
import urllib.error
import urllib.request

base, log, cookie_file, document_file = sys.argv[1:]


def call(method: str, path: str, body: dict | None = None, cookie: str = "") -> tuple[bytes, str]:
    headers = {"Content-Type": "application/json", "Origin": base, "Cookie": cookie}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(base + path, data=data, headers=headers, method=method)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read(), answer.headers.get("Set-Cookie", "").split(";")[0]


def wait_for_server() -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            call("GET", "/healthz")
            return
        except (urllib.error.URLError, ConnectionError):
            if time.monotonic() > deadline:
                sys.exit(f"no server at {base}:\n{open(log).read()}")
            time.sleep(0.1)


wait_for_server()
# The token is the only word of 43 characters that the server prints.
found = re.search(r"(?<![\w-])[\w-]{43}(?![\w-])", open(log).read())
if not found:
    sys.exit("the server printed no setup token:\n" + open(log).read())
owner = {
    "token": found.group(),
    "workspace": "Shop",
    "name": "Ana",
    "email": "ana@example.com",
    "password": "correct horse battery",
}
_, cookie = call("POST", "/api/v1/setup", owner)
chatbot, _ = call("POST", "/api/v1/chatbots", {"name": "Shop"}, cookie)
text = "question,answer\nHow long does shipping take?,Three days.\n"
call("POST", "/api/v1/chatbots/shop/knowledge", {"name": "faq.csv", "text": text}, cookie)
document, _ = call("GET", "/api/v1/openapi.json", cookie=cookie)
open(cookie_file, "w").write(cookie)
open(document_file, "wb").write(document)
