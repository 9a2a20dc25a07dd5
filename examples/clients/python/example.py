"""A client in Python, with nothing but the standard library."""

import json
import os
import pathlib
import time
import urllib.error
import urllib.request
import uuid

URL, TOKEN, PURPOSE = (os.environ[f"GARANT_{name}"] for name in ("URL", "TOKEN", "PURPOSE"))
HERE = pathlib.Path(__file__).parent.parent


class Refused(Exception):
    """An error of the API: a stable code, and how to mend it."""

    def __init__(self, error):
        extensions = error.get("extensions", {})
        self.code, self.remedy = extensions.get("code"), extensions.get("remedy")
        super().__init__(f"{self.code}: {error['message']} {self.remedy or ''}")


def send(path, body, media, purpose=None):
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": media}
    if purpose:
        headers["Purpose"] = purpose
    request = urllib.request.Request(URL + path, body, headers)
    try:
        with urllib.request.urlopen(request) as response:
            answer = json.load(response)
    except urllib.error.HTTPError as error:
        answer = json.load(error)
    if answer.get("errors"):
        raise Refused(answer["errors"][0])
    return answer["data"]


def ask(query, purpose=None, **variables):
    body = json.dumps({"query": query, "variables": variables}).encode()
    return send("/graphql", body, "application/json", purpose)


def contacts():
    """Every contact that may be seen for the purpose, page by page."""
    query = """query($after: String) { contacts(first: 25, after: $after) {
        nodes { id lastName } pageInfo { hasNextPage endCursor } } }"""
    after = None
    while True:
        page = ask(query, PURPOSE, after=after)["contacts"]
        yield from page["nodes"]
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]


def run_import(mapping, file):
    """Sends a file, and waits until its job has ended."""
    boundary, body = uuid.uuid4().hex, b""
    for name, path in (("mapping", mapping), ("file", file)):
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{path.name}"\r\n\r\n'
        body += head.encode() + path.read_bytes() + b"\r\n"
    body += f"--{boundary}--\r\n".encode()
    job = send("/import", body, f"multipart/form-data; boundary={boundary}")["id"]
    query = "query($id: ID!) { importJob(id: $id) { state progress { read rejected } rejects { line reason } } }"
    while True:
        found = ask(query, id=job)["importJob"]
        if found["state"] in ("done", "failed", "cancelled"):
            return found
        time.sleep(0.2)


purposes = ask("{ viewer { purposes { key } } }")["viewer"]["purposes"]
print("purposes:", ", ".join(sorted(purpose["key"] for purpose in purposes)))
try:
    ask("{ contacts { totalCount } }")
except Refused as refused:
    print("refused:", refused.code)
print("contacts:", sum(1 for _ in contacts()))
done = run_import(HERE / "companies.toml", HERE / "companies.csv")
print(f"imported: {done['progress']['read']} rows, {done['progress']['rejected']} rejected")
