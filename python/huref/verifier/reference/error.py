"""Why a statement or a proof was refused."""


class Rejected(Exception):  # noqa: N818 - a verdict, not an error of the program
    """The statement or the proof was refused. `check` is the stable name of the check, `detail` says what was found."""

    def __init__(self, check: str, detail: str = "") -> None:
        super().__init__(detail or f"check failed: {check}")
        self.check = check
        self.detail = detail or f"check failed: {check}"


def ensure(ok: bool, check: str, detail: str = "") -> None:
    """Refuses, under that name, unless `ok`."""
    if not ok:
        raise Rejected(check, detail)
