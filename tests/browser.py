"""A small WebDriver client for the browser tests: chromedriver over loopback, with the standard library alone."""

import base64
import json
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
]


def missing() -> str:
    """Return the program that browser tests lack on this machine, or an empty string."""
    for program in ("chromedriver", "chromium"):
        if not shutil.which(program):
            return program
    return ""


class Browser:
    """One session. `run` evaluates the body of a function and returns its value."""

    def __init__(self, port: int, session: str) -> None:
        self._base = f"http://127.0.0.1:{port}/session/{session}"

    def open(self, path: Path) -> None:
        self._post("url", {"url": path.resolve().as_uri()})

    def run(self, body: str, *arguments: Any) -> Any:
        return self._post("execute/sync", {"script": body, "args": list(arguments)})

    def later(self, body: str, *arguments: Any) -> Any:
        """Run a body whose last argument is the callback that ends it."""
        return self._post("execute/async", {"script": body, "args": list(arguments)})

    def size(self, width: int, height: int) -> None:
        self._post("window/rect", {"width": width, "height": height})

    def emulate(self, **media: str) -> None:
        """Set media features (`prefers-color-scheme`) or the medium itself (`media`)."""
        medium = media.pop("media", "")
        features = [{"name": name.replace("_", "-"), "value": value} for name, value in media.items()]
        self.devtools("Emulation.setEmulatedMedia", {"media": medium, "features": features})

    def devtools(self, command: str, parameters: dict[str, Any]) -> Any:
        return self._post("goog/cdp/execute", {"cmd": command, "params": parameters})

    def log(self, kind: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._post("se/log", {"type": kind})
        return found

    def picture(self, path: Path) -> None:
        with urllib.request.urlopen(f"{self._base}/screenshot", timeout=60) as answer:
            path.write_bytes(base64.b64decode(json.load(answer)["value"]))

    def _post(self, name: str, body: dict[str, Any]) -> Any:
        return _call("POST", f"{self._base}/{name}", body)


@contextmanager
def browser(folder: Path) -> Iterator[Browser]:
    """Yield a session with a new profile in `folder`; the driver ends with it."""
    port = _free_port()
    driver = subprocess.Popen(
        ["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder
    )
    try:
        session = _session(port, folder)
        yield Browser(port, session)
        _call("DELETE", f"http://127.0.0.1:{port}/session/{session}", None)
    finally:
        driver.terminate()
        driver.wait(timeout=20)


def _session(port: int, folder: Path) -> str:
    options = {
        "args": [*ARGUMENTS, f"--user-data-dir={folder / 'browser-profile'}"],
        "perfLoggingPrefs": {"enableNetwork": True},
    }
    wanted = {
        "browserName": "chrome",
        "goog:chromeOptions": options,
        "goog:loggingPrefs": {"performance": "ALL", "browser": "ALL"},
        "unhandledPromptBehavior": "ignore",
    }
    last: OSError | None = None
    for _ in range(100):
        try:
            answer = _call("POST", f"http://127.0.0.1:{port}/session", {"capabilities": {"alwaysMatch": wanted}})
            return str(answer["sessionId"])
        except ConnectionError as error:
            last = error
        except urllib.error.URLError as error:
            if isinstance(error, urllib.error.HTTPError):
                raise
            last = error
        time.sleep(0.1)
    raise TimeoutError(f"chromedriver does not answer: {last}")


def _call(method: str, url: str, body: dict[str, Any] | None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)["value"]
    except urllib.error.HTTPError as error:
        raise AssertionError(error.read().decode()[:2000]) from error


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
