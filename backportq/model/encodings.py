"""Text of strangers in the encoding that they name: those that git's iconv knows, and no other codec of Python.

Python has codecs that are no encodings of text (`unicode_escape` shows what git does not show) or that take quadratic
time (`punycode`), and it would load them by the name that a commit or a mail gives. This module must not guess.
"""

from __future__ import annotations

import encodings
import functools
from encodings.aliases import aliases

_ISO = ("iso8859_", (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 14, 15, 16))
_DOS = ("cp", (437, 737, 775, 850, 852, 855, 857, 858, *range(860, 867), 869, 874, 932, 949, 950, 1125))
_WINDOWS = ("cp", tuple(range(1250, 1259)))
_KNOWN = frozenset(
    {
        *(f"{family}{number}" for family, numbers in (_ISO, _DOS, _WINDOWS) for number in numbers),
        *("ascii", "latin_1", "utf_7", "utf_8", "utf_16", "utf_16_be", "utf_16_le", "utf_32", "utf_32_be", "utf_32_le"),
        *("koi8_r", "koi8_t", "koi8_u", "kz1048", "ptcp154", "hp_roman8", "tis_620"),
        *("mac_cyrillic", "mac_greek", "mac_iceland", "mac_latin2", "mac_roman", "mac_turkish"),
        *("big5", "big5hkscs", "gb2312", "gbk", "gb18030", "johab"),
        *("euc_jp", "euc_jis_2004", "euc_jisx0213", "euc_kr"),
        *("shift_jis", "shift_jis_2004", "shift_jisx0213", "iso2022_kr"),
        *("iso2022_jp", "iso2022_jp_1", "iso2022_jp_2", "iso2022_jp_3", "iso2022_jp_2004", "iso2022_jp_ext"),
    }
)
_LONGEST_NAME = 40


@functools.lru_cache(maxsize=256)
def find_codec(name: str) -> str | None:
    """Return Python's name of an encoding that git knows too, None for any other name."""
    if len(name) > _LONGEST_NAME or not name.isascii():
        return None
    module = encodings.normalize_encoding(name).lower()
    module = aliases.get(module, module)
    return module if module in _KNOWN else None


def decode_text(raw: bytes, encoding: str | None) -> str:
    """Return `raw` in `encoding` (None: UTF-8), with U+FFFD for what is not valid in it.

    Where git does not know the encoding, or the bytes are not in it, git shows them as they are: as UTF-8 mostly.
    """
    if encoding is None:
        return raw.decode("utf_8", "replace")
    codec = find_codec(encoding)
    for attempt in (codec, "utf_8"):
        if attempt is not None:
            try:
                return raw.decode(attempt)
            except UnicodeError:
                continue
    return raw.decode(codec or "latin_1", "replace")
