"""The process of a plain HTTPS server that takes and gives files, as the standard library makes one."""

import hashlib
import os
import shutil
import ssl
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

PIECE_BYTES: Final = 64 * 1024


class Handler(BaseHTTPRequestHandler):
    """PUT writes a file to the disk, GET sends one."""

    protocol_version = "HTTP/1.1"
    folder = Path()

    def do_PUT(self) -> None:  # the standard library finds the method by this name
        """Write the body to a file, and answer when it is on the disk; with its digest if that is wanted."""
        left = int(self.headers["Content-Length"])
        digest = hashlib.sha256() if "Want-Digest" in self.headers else None
        with self._path().open("wb") as file:
            while left and (piece := self.rfile.read(min(left, PIECE_BYTES))):
                file.write(piece)
                if digest is not None:
                    digest.update(piece)
                left -= len(piece)
            file.flush()
            os.fsync(file.fileno())
        self.send_response(201)
        if digest is not None:
            self.send_header("Digest", digest.hexdigest())
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        """Send a file."""
        with self._path().open("rb") as file:
            self.send_response(200)
            self.send_header("Content-Length", str(os.fstat(file.fileno()).st_size))
            self.end_headers()
            shutil.copyfileobj(file, self.wfile)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _path(self) -> Path:
        return self.folder / self.path.strip("/")


def main(folder: str, certificate: str, key: str) -> None:
    """Serve a folder and print the port."""
    Handler.folder = Path(folder)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
