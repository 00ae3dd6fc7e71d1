"""Days as people type them: `2026-07-01`, or a delay from today such as `2w`.

This module must not read the clock; the day from which a delay counts is an argument.
"""

from __future__ import annotations

import re
from datetime import date, timedelta

from backportq.errors import UsageError

_DELAY = re.compile(r"\+?(\d{1,4}) *(d|days?|w|weeks?|months?)\Z", re.IGNORECASE)
_DAYS = {"d": 1, "w": 7, "m": 30}


def parse_day(text: str, today: date) -> date:
    """Return the day that `text` means; raise `UsageError` with an example."""
    match = _DELAY.match(text.strip())
    if match is not None:
        return today + timedelta(days=int(match[1]) * _DAYS[match[2][0].lower()])
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise UsageError(
            f"'{text}' is not a day", hints=("write a date such as 2026-07-01, or a delay such as 2w or 10d",)
        ) from error
