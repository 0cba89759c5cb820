"""Exit with 0 if the web server of this container answers, else with 1 and the reason. Standard library only.

The request looks as if it came through the proxy: an allowed host name, and HTTPS in the proxy's header.
"""

from __future__ import annotations

import os
import sys
from http.client import HTTPConnection, HTTPException

SECONDS = 8


def main() -> int:
    """Request /livez once and return the exit code."""
    names = [name.strip() for name in os.environ.get("ALLOWED_HOSTS", "").split(",")]
    host = next((name.lstrip(".") for name in names if name and name != "*"), "localhost")
    connection = HTTPConnection("127.0.0.1", int(os.environ.get("PORT", "8000")), timeout=SECONDS)
    try:
        connection.request("GET", "/livez", headers={"Host": host, "X-Forwarded-Proto": "https"})
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        sys.stdout.write(f"The web server does not answer: {error}\n")
        return 1
    if status != 200:
        sys.stdout.write(
            f"The web server answers {status}. Is {host} in ALLOWED_HOSTS, and BEHIND_PROXY set?\n"
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
