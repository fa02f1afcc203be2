"""Questions to the Hub, by its own library: tokens, addresses, waiting and trying again are the library's."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ...errors import HubError, NotFoundError
from ...extras import require

#: Of a place that the Hub named, when it is no longer valid.
GONE = (401, 403, 404, 410)
TIMEOUT = 30
#: Errors of the library that not all of its versions have.
UNSENT = ("FileMetadataError", "XetDownloadError")
#: Address of a file -> where the Hub said that it is.
_places: dict[str, str] = {}
SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


@contextmanager
def asking(name: str) -> Iterator[Any]:
    """The library, its messages silenced.

    Raises:
        NotFoundError: there is no such model, revision or file.
        HubError: the Hub cannot be reached, refuses, or does not send what was asked for.

    """
    require("huggingface_hub")
    import huggingface_hub
    from huggingface_hub import constants, errors, utils  # noqa: F401 (its modules are imported when they are named)

    utils.disable_progress_bars()  # type: ignore[attr-defined]
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)
    try:
        yield huggingface_hub
    except errors.GatedRepoError:
        raise HubError(
            f"{name}: its owner wants you to agree to terms first; do so on the model's page, then: hf auth login"
        ) from None
    except errors.RevisionNotFoundError:
        raise NotFoundError(f"{name}: the model has no such revision") from None
    except (errors.RemoteEntryNotFoundError, errors.LocalEntryNotFoundError) as why:
        if isinstance(why, errors.RemoteEntryNotFoundError):
            raise NotFoundError(f"{name}: no such file on the Hub") from None
        if _status(why.__cause__) is not None:  # which the library takes for a broken connection
            raise HubError(f"{name}: {_words(why.__cause__)}") from None
        raise HubError(f"{name}: the Hub cannot be reached, and the file is not here") from None
    except errors.RepositoryNotFoundError:
        raise NotFoundError(
            f"{name}: no such model on the Hub; a private one needs a token of somebody who may read it: hf auth login"
        ) from None
    except errors.HFValidationError as why:
        raise NotFoundError(f"{name}: no name of a model on the Hub: {why}") from None
    except errors.OfflineModeIsEnabled:
        raise HubError(f"{name}: HF_HUB_OFFLINE is set, so nothing is fetched") from None
    except Exception as why:
        if type(why).__name__ in UNSENT:
            raise HubError(f"{name}: the Hub does not send it ({type(why).__name__})") from None
        if _status(why) is None and not _is_of_network(why):
            raise
        raise HubError(f"{name}: {_words(why)}") from None


def offline() -> bool:
    """Whether the library asks for nothing: HF_HUB_OFFLINE."""
    require("huggingface_hub")
    from huggingface_hub import constants

    return bool(constants.HF_HUB_OFFLINE)


def _status(why: BaseException | None) -> int | None:
    """What the Hub answered; None where it did not."""
    status: int | None = getattr(getattr(why, "response", None), "status_code", None)
    return status


def _words(why: Any) -> str:
    status, headers = _status(why), getattr(getattr(why, "response", None), "headers", {})
    if status == 401 and headers.get("X-Error-Message", "").startswith("Invalid credentials"):
        return "the token that is set is not valid (401): hf auth login, or unset HF_TOKEN"
    if status == 401:
        return "the Hub wants a token (401): hf auth login"
    if status == 403 and type(why).__name__ == "DisabledRepoError":
        return "the Hub has closed this model (403)"
    if status == 403:
        return "the Hub refuses (403): the token that is set may not read this; hf auth login with one that may"
    if status == 429:
        wait = headers.get("Retry-After", "")
        when = f"in {wait} seconds" if wait.isdecimal() and len(wait) < 6 else "later"
        return f"the Hub has had too many requests (429); try again {when}, what has come is kept"
    if status is not None:
        return f"the Hub answers {status}; try again later, what has come is kept"
    return f"the Hub cannot be reached ({type(why).__name__}); try again, what has come is kept"


def _is_of_network(why: Exception) -> bool:
    """Errors of the transfer: those of the library underneath have one root."""
    roots = {"HTTPError", "ConnectionError", "TransportError"}
    return bool(roots & {kind.__name__ for kind in type(why).__mro__})


def part(url: str, name: str, span: tuple[int, int], size: int, sha256: str) -> bytes:
    """The bytes of a file of that size and digest (none: "") from a place up to another. Errors: those of `asking`."""
    (start, end), data = span, b""
    with asking(name) as hub:
        for address, words in _addresses(url, name, (size, sha256), hub):
            headers = {**words, "Range": f"bytes={start}-{end - 1}", "Accept-Encoding": "identity"}
            try:
                response = hub.utils.http_backoff("GET", address, headers=headers, timeout=TIMEOUT)
            except Exception as why:
                if address == url or not _is_of_network(why):
                    raise
                response = None
            if address != url and (response is None or response.status_code in GONE):
                _places.pop(url, None)
                continue
            hub.utils.hf_raise_for_status(response)
            data = response.content
            found = _RANGE.fullmatch(response.headers.get("Content-Range", ""))
            whole = response.status_code == 200 and span == (0, size)
            if not whole and (found is None or tuple(map(int, found.groups())) != (start, end - 1, size)):
                raise HubError(f"{name}: the Hub does not send the part of the file that was asked for")
            break
        if len(data) != end - start:
            raise HubError(f"{name}: {len(data)} bytes came instead of {end - start}; try again")
        return data


def _addresses(url: str, name: str, listed: tuple[int, str], hub: Any) -> Iterator[tuple[str, dict[str, str]]]:
    """Where a file is, with what the Hub wants to know there: the place that it names for some time, which is asked
    for once and not for every part, and then the Hub itself, which leads to that place. HubError if it is not the file
    of the size and digest that are listed.
    """
    if url not in _places:
        found = hub.get_hf_file_metadata(url)
        digest = found.etag if listed[1] and SHA256.fullmatch(found.etag or "") else listed[1]
        if (found.size or listed[0], digest) != listed:
            raise HubError(f"{name}: the Hub has another file there than it lists; try again")
        _places[url] = found.location
    if _places[url] != url:
        yield _places[url], {}
    yield url, hub.utils.build_hf_headers()


def fetched(repository: str, revision: str, file: str, name: str) -> Path:
    """A small file, as a whole. Errors: those of `asking`."""
    with asking(name) as hub:
        return Path(hub.hf_hub_download(repository, file, revision=revision))
