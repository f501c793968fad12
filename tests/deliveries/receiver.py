"""A service that is sent events: a process of its own, on the standard library alone.

It appends what it is sent to a file, one JSON line a request, before it answers. How it answers
stands in another file, which it reads at each request: by default with 204.
"""

import argparse
import json
import os
import signal
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

HANG_S = 60.0


class Handler(BaseHTTPRequestHandler):
    """Notes a request, and answers as it is told."""

    protocol_version = "HTTP/1.1"
    requests: Path
    behaviour: Path
    writing = threading.Lock()

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        told: dict[str, Any] = json.loads(self.behaviour.read_text())
        poison = any(word.encode() in body for word in told.get("poison", ()))
        status = told.get("poison_status", 422) if poison else told.get("status", 204)
        self._note(body, status)
        if told.get("close"):
            self.close_connection = True
            return
        time.sleep(HANG_S if told.get("hang") else told.get("slow_s", 0))
        self.send_response(status)
        if "retry_after" in told:
            self.send_header("Retry-After", told["retry_after"])
        if "location" in told:
            self.send_header("Location", told["location"])
        self.send_header("Content-Length", "0" if status == 204 else "4")
        self.end_headers()
        if status != 204:
            self.wfile.write(b"said")

    def _note(self, body: bytes, status: int) -> None:
        line = {
            "path": self.path,
            "headers": {name.lower(): value for name, value in self.headers.items()},
            "body": body.decode(),
            "status": status,
            "at": time.time(),
        }
        with self.writing, self.requests.open("a") as opened:
            opened.write(json.dumps(line) + "\n")

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128


def main() -> None:
    """Serve until killed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    asked = parser.parse_args()
    Handler.requests = asked.folder / "requests.jsonl"
    Handler.behaviour = asked.folder / "behaviour.json"
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    Server(("127.0.0.1", asked.port), Handler).serve_forever()


if __name__ == "__main__":
    main()
