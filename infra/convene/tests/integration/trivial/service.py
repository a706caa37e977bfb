"""A service that does nothing: the local platform is tested with these in the services' places.

``CONVENE_TRIVIAL_SETUP_CODE`` is what its set-up exits with.
"""

import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Health(BaseHTTPRequestHandler):
    """Ready at once; ``/environment`` shows what the process was told."""

    def do_GET(self) -> None:
        """Answer 200."""
        shown = sorted(os.environ) if self.path == "/environment" else []
        body = ("{" + ", ".join(f'"{name}": "{os.environ[name]}"' for name in shown) + "}").encode()
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Say nothing."""


def main() -> None:
    """Set up, or serve."""
    if sys.argv[1:] == ["setup"]:
        print("set up")
        sys.exit(int(os.environ.get("CONVENE_TRIVIAL_SETUP_CODE", "0")))
    port = int(os.environ.get("HTTP_PORT") or os.environ["HEALTH_PORT"])
    print(f"serving {' '.join(sys.argv[1:]) or 'all roles'}", flush=True)
    ThreadingHTTPServer(("127.0.0.1", port), Health).serve_forever()


main()
