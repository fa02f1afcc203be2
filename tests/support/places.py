"""A value at any place of a JSON document, for hypothesis."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st


def put(data: st.DataObject, document: Any, new: object) -> None:
    """Put a value in the place of one that is drawn, however deep it stands."""
    place = document
    while True:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        inner = place[key]
        if not isinstance(inner, dict | list) or not inner or data.draw(st.booleans()):
            break
        place = inner
    place[key] = new
