#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""A debuginfod server as small as one can be, for tests.

    debuginfod_server.py FOLDER [PORT]

Answers GET /buildid/HEX/debuginfo on the loopback with the file FOLDER/files/HEX, else with
404, and appends each path that was asked for to FOLDER/requests. FOLDER/port holds its port
(PORT, or any free one). FOLDER/mode, if it is there, says how else it answers:

    hang            never
    STATUS          with that status
    endless         with a file that has no end

With FOLDER/tls (a key and its certificate) it speaks TLS.
"""
import http.server
import os
import re
import socketserver
import ssl
import sys
import time

folder = sys.argv[1]


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def answer_endlessly(self):
        self.send_response(200)
        self.end_headers()
        while True:
            self.wfile.write(bytes(1 << 16))

    def do_GET(self):
        with open(f"{folder}/requests", "a") as f:
            f.write(self.path + "\n")
        mode = ""
        if os.path.exists(f"{folder}/mode"):
            mode = open(f"{folder}/mode").read().strip()
        asked = re.fullmatch("/buildid/([0-9a-f]+)/debuginfo", self.path)
        path = f"{folder}/files/{asked.group(1)}" if asked else ""
        if mode == "hang":
            time.sleep(3600)
        elif mode == "endless":
            self.answer_endlessly()
        elif mode:
            self.answer(int(mode))
        elif os.path.exists(path):
            self.answer(200, open(path, "rb").read())
        else:
            self.answer(404)


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
