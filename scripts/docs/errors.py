"""docs/reference/errors.md, from the table of errors."""

from __future__ import annotations

from huref.errors import ADDRESS, TABLE


def page() -> str:
    """The whole page."""
    rows = "\n".join(
        f"| `{row.name}` | {int(row.exit)} | {row.http} | {row.title}. | {row.remedy} |" for row in TABLE.values()
    )
    return f"""# Errors

Every error has one stable code. The command line turns it into an exit status, the service into an HTTP status and a
problem of RFC 9457 whose `type` is `{ADDRESS}/errors/` followed by the code. Exit status 0 means verified,
or done; 2 also stands for wrong arguments.

| code | exit | HTTP | what happened | what to do |
|---|---|---|---|---|
{rows}

(`make docs` writes this page from `huref.errors`.)
"""
