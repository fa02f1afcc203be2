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
from dataclasses import dataclass

from .pack import compress
from .static import BODY, HEAD, PAGE, files

NAME = "verify.html"
_PAGE, _WORKER = "page.js", "verifier/worker.js"
_IMPORT = re.compile(r'^import\s*(\{[^}]*\})\s*from\s*"(\.[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const)\s+(\w+))", re.MULTILINE)
_OTHER = re.compile(
    r"^\s*(?:import\b|export\b)|\bimport\s*\(|\bimport\.meta\b|</script|<!--", re.MULTILINE | re.IGNORECASE
)
_SPARED = re.compile(r"^[ \t]*(?:(?://.*|/\*\*(?s:.*?)\*/[ \t]*)?\n)?", re.MULTILINE)


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
        HEAD: "",
        BODY: "",
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
    """The program of the page's workers, as one script, from the texts of all files by their paths.

    It has no comments and no indentation. ValueError as for `build`.
    """
    return _bare(_program(found, _WORKER)).encode()


def digest() -> str:
    """SHA-256 of the file, in hexadecimal digits."""
    return hashlib.sha256(build()).hexdigest()


@dataclass(frozen=True)
class _Module:
    """A module as the body of a function that returns what it exports. `imports`: names by the module that has them."""

    body: str
    imports: dict[str, set[str]]
    exports: set[str]


def _program(found: dict[str, str], start: str) -> str:
    """The module `start` and all that it needs, as one script."""
    read: dict[str, _Module] = {}
    waiting = [start]
    while waiting:
        path = waiting.pop()
        if path not in read:
            read[path] = _module(path, found[path])
            waiting += read[path].imports
    for path, module in read.items():
        for other, names in module.imports.items():
            if not names <= read[other].exports:
                raise ValueError(f"{path}: {other} does not export {', '.join(sorted(names - read[other].exports))}")
    modules = ",\n".join(f'"{path}"() {{\n{module.body}}}' for path, module in sorted(read.items()))
    return f"""
"use strict";
const modules = {{
{modules}
}};
const made = {{}};
const need = (path) => (made[path] ??= modules[path]());
need("{start}");
"""


def _bare(script: str) -> str:
    """A script without indentation and without comments that have lines of their own.

    ValueError if a text goes over the end of a line, so that it cannot be seen what is one.
    """
    if any(line.count("`") % 2 for line in script.splitlines()):
        raise ValueError("a text goes over the end of a line")
    return _SPARED.sub("", script)


def _module(path: str, text: str) -> _Module:
    imports: dict[str, set[str]] = {}

    def imported(found: re.Match[str]) -> str:
        other = posixpath.normpath(posixpath.join(posixpath.dirname(path), found[2]))
        names = [name.split(" as ") for name in re.split(r"\s*,\s*", found[1].strip("{}, \n")) if name]
        imports[other] = {name.strip() for name, *_ in names}
        return f'const {{ {", ".join(": ".join(name) for name in names)} }} = need("{other}");\n'

    exports = _EXPORT.findall(text)
    body = _EXPORT.sub("", _IMPORT.sub(imported, text))
    odd = _OTHER.search(body)
    if odd is not None:
        raise ValueError(f"{path}: {odd[0].strip()!r} has no place in one file")
    return _Module(f"{body}return {{ {', '.join(exports)} }};\n", imports, set(exports))


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
