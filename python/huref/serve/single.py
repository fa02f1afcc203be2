"""The page in one file, which opens from disk and connects to nothing: the same bytes for the same release.

Modules become functions of one script, which run when they are first needed: in the order in which a browser would run
them. The page's own script stands in the file as it is; that of its workers is packed, and unpacked by the page. The
hashes of script and styles stand in the file's own policy.
"""

from __future__ import annotations

import base64
import hashlib
import posixpath
import re

from .pack import compress
from .static import PAGE, files

NAME = "verify.html"
_PAGE, _WORKER = "page.js", "verifier/worker.js"
_IMPORT = re.compile(r'^import\s*(\{[^}]*\})\s*from\s*"(\.[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const)\s+(\w+))", re.MULTILINE)
_OTHER = re.compile(
    r"^\s*(?:import\b|export\b)|\bimport\s*\(|\bimport\.meta\b|</script|<!--", re.MULTILINE | re.IGNORECASE
)


def build() -> bytes:
    """The file. ValueError if a module of the page uses what cannot be put into one file."""
    found = files()
    script, style = _program(found, _PAGE), f"\n{found['page.css']}"
    worker = program(found)
    icon, packed = (base64.b64encode(data).decode() for data in (found["icon.svg"].encode(), compress(worker)))
    policy = (
        f"default-src 'none'; script-src {_hash(script)} 'wasm-unsafe-eval'; style-src {_hash(style)}; img-src data:; "
        "worker-src blob:; base-uri 'none'; form-action 'none'"
    )
    page = found[PAGE]
    for old, new in {
        '<meta charset="utf-8">\n': (
            f'<meta charset="utf-8">\n<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        ),
        'href="icon.svg"': f'href="data:image/svg+xml;base64,{icon}"',
        '<link rel="stylesheet" href="page.css">': f"<style>{style}</style>",
        f'<script type="module" src="{_PAGE}"></script>': (
            f'<script type="text/plain" id="worker" data-size="{len(worker)}">{packed}</script>\n'
            f'<script type="module">{script}</script>'
        ),
    }.items():
        if page.count(old) != 1:
            raise ValueError(f"{PAGE}: {old!r} does not occur once")
        page = page.replace(old, new)
    return page.encode()


def program(found: dict[str, str]) -> bytes:
    """The program of the page's workers, as one script, from the texts of all files by their paths. ValueError as for
    `build`.
    """
    return _program(found, _WORKER).encode()


def digest() -> str:
    """SHA-256 of the file, in hexadecimal digits."""
    return hashlib.sha256(build()).hexdigest()


def _program(found: dict[str, str], start: str) -> str:
    """The module `start` and all that it needs, as one script."""
    bodies: dict[str, str] = {}
    waiting = [start]
    while waiting:
        path = waiting.pop()
        if path not in bodies:
            bodies[path], needed = _module(path, found[path])
            waiting += needed
    modules = ",\n".join(f'"{path}"() {{\n{body}}}' for path, body in sorted(bodies.items()))
    return f"""
"use strict";
const modules = {{
{modules}
}};
const made = {{}};
const need = (path) => (made[path] ??= modules[path]());
need("{start}");
"""


def _module(path: str, text: str) -> tuple[str, list[str]]:
    """A module as the body of a function that returns what it exports, and the modules that it imports."""
    needed: list[str] = []

    def imported(found: re.Match[str]) -> str:
        needed.append(posixpath.normpath(posixpath.join(posixpath.dirname(path), found[2])))
        return f'const {found[1].replace(" as ", ": ")} = need("{needed[-1]}");\n'

    exported = _EXPORT.findall(text)
    body = _EXPORT.sub("", _IMPORT.sub(imported, text))
    odd = _OTHER.search(body)
    if odd is not None:
        raise ValueError(f"{path}: {odd[0].strip()!r} has no place in one file")
    return f"{body}return {{ {', '.join(exported)} }};\n", needed


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
