"""The page as PDF, printed by a headless browser of this machine: one decision page, then annexes.

While it prints, every name resolves to nothing; the page's own policy keeps all scripts but ours from running.

Limits: without a browser there is no PDF; the error says how to print the HTML page by hand.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, Final

from inspector.errors import UsageError
from inspector.report.html import render as render_html
from inspector.report.presentation import Presentation

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
SECONDS: Final = 120
_FLAGS: Final = (
    "--headless",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",
)


def render(document: dict[str, Any], how: Presentation) -> bytes:
    """Return the PDF. Raises `UsageError` where no browser is installed or it fails."""
    program = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if program is None:
        raise UsageError("no browser for PDF here (chromium or chrome); write -f html and print that page to a file")
    with tempfile.TemporaryDirectory(prefix="inspector-pdf-") as folder:
        return _printed(program, Path(folder), render_html(document, how))


def _printed(program: str, folder: Path, text: str) -> bytes:
    page, target = folder / "report.html", folder / "report.pdf"
    page.write_text(text, encoding="utf-8")
    own = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    place = [f"--user-data-dir={folder / 'browser'}", f"--print-to-pdf={target}", page.as_uri()]
    try:
        subprocess.run([program, *_FLAGS, *own, *place], capture_output=True, check=True, timeout=SECONDS)  # noqa: S603
        return target.read_bytes()
    except (subprocess.SubprocessError, OSError) as error:
        raise UsageError(f"{program} could not print the page ({error}); write -f html and print it by hand") from error
