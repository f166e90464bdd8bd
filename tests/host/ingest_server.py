#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A receiver as strict as a server would be, for the exporter's tests.

    ingest_server.py FOLDER [PORT]

Takes POST /ingest in Pyroscope's form on the loopback, takes it apart, and appends a
line of JSON for each request to FOLDER/requests. FOLDER/port holds its port (PORT,
or any free one). How it answers is read from FOLDER/mode for each request:

    200             taken
    STATUS [AFTER]  that status, with a Retry-After of AFTER seconds
    hang            never

With FOLDER/tls (a key and its certificate) it speaks TLS.

A request that is not well formed is answered with 418 and its line has "wrong".
"""
import email.parser
import email.policy
import gzip
import http.server
import json
import os
import socketserver
import ssl
import sys
import time
import urllib.parse

folder = sys.argv[1]


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def fields(data):
    """The fields of a protobuf message: (number, value)."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        if key & 7 == 0:
            value, at = varint(data, at)
        elif key & 7 == 2:
            size, at = varint(data, at)
            value, at = data[at : at + size], at + size
            if len(value) != size:
                raise ValueError("cut short")
        else:
            raise ValueError(f"wire type {key & 7}")
        yield key >> 3, value


def numbers(message, number):
    """A repeated number, packed or not."""
    for n, value in fields(message):
        if n != number:
            continue
        if isinstance(value, int):
            yield value
            continue
        at = 0
        while at < len(value):
            one, at = varint(value, at)
            yield one


def read_profile(packed):
    data = gzip.decompress(packed)
    all_fields = list(fields(data))
    strings = [v.decode() for n, v in all_fields if n == 6]
    assert strings[0] == "", "string_table[0] is not empty"

    def table(number):
        return [dict(fields(v)) for n, v in all_fields if n == number]

    types = [
        [strings[t.get(1, 0)], strings[t.get(2, 0)]] for t in table(1)
    ]
    totals = [0] * len(types)
    frames = 0
    locations = {loc[1] for loc in table(4)}
    assert locations == set(range(1, len(locations) + 1)), "location ids are not 1..N"
    labels = 0
    samples = [v for n, v in all_fields if n == 2]
    for sample in samples:
        values = list(numbers(sample, 2))
        assert len(values) == len(types), "values do not match the types"
        totals = [a + b for a, b in zip(totals, values)]
        ids = list(numbers(sample, 1))
        assert set(ids) <= locations, "a location that does not exist"
        frames += len(ids)
        labels += sum(1 for n, _ in fields(sample) if n == 3)
    rest = {n: v for n, v in all_fields if isinstance(v, int)}
    return {
        "types": types,
        "totals": totals,
        "samples": len(samples),
        "frames": frames,
        "labels": labels,
        "functions": [strings[f.get(2, 0)] for f in table(5)][:3],
        "time": rest.get(9, 0),
        "duration": rest.get(10, 0),
        "bytes": len(data),
    }


def read_parts(content_type, body):
    head = f"Content-Type: {content_type}\r\n\r\n".encode()
    message = email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(head + body)
    assert message.is_multipart(), f"not multipart: {content_type}"
    return {
        part.get_param("name", header="content-disposition"): part.get_payload(decode=True)
        for part in message.iter_parts()
    }


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args):
        pass

    def note(self, line):
        line["at"] = time.monotonic()
        with open(f"{folder}/requests", "a") as f:
            f.write(json.dumps(line) + "\n")

    def read(self, body):
        url = urllib.parse.urlsplit(self.path)
        assert url.path == "/ingest", f"path {url.path}"
        query = urllib.parse.parse_qs(url.query, strict_parsing=True)
        # With it, the server takes the whole body for the profile.
        assert "format" not in query, "format is given"
        parts = read_parts(self.headers["Content-Type"], body)
        assert set(parts) == {"profile", "sample_type_config"}, f"parts {set(parts)}"
        config = json.loads(parts["sample_type_config"])
        profile = read_profile(parts["profile"])
        for kind, _ in profile["types"]:
            assert config[kind]["units"], f"no configuration of {kind}"
        return {
            "query": {k: v[0] for k, v in query.items()},
            "profile": profile,
            "tenant": self.headers.get("X-Scope-OrgID"),
            "authorization": self.headers.get("Authorization"),
            "extra": self.headers.get("X-Extra"),
            "agent": self.headers.get("User-Agent"),
        }

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        mode = open(f"{folder}/mode").read().split()
        try:
            line = self.read(body)
        except Exception as error:  # whatever it is, the test has to see it
            self.note({"wrong": f"{type(error).__name__}: {error}"})
            return self.answer(418, [])
        if mode[0] == "hang":
            self.note(dict(line, status=0))
            time.sleep(3600)
        line["status"] = int(mode[0])
        self.note(line)
        self.answer(line["status"], mode[1:])

    def do_GET(self):
        self.note({"wrong": f"GET {self.path}"})
        self.answer(405, [])

    def answer(self, status, after):
        text = b"" if status == 200 else b"the answer's first line\nand a second one\n"
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        if after:
            self.send_header("Retry-After", after[0])
        if status in (301, 302, 307, 308):
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(text)


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request, client_address):
        pass  # a client that went away


server = Server(("127.0.0.1", int(sys.argv[2]) if len(sys.argv) > 2 else 0), Handler)
if os.path.exists(f"{folder}/tls"):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{folder}/tls")
    server.socket = context.wrap_socket(server.socket, server_side=True)
with open(f"{folder}/port.new", "w") as f:
    f.write(str(server.server_address[1]))
os.rename(f"{folder}/port.new", f"{folder}/port")
server.serve_forever()
