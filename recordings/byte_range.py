"""One byte range of a sound, for those who listen. Pure.

Range is the header behind CVE-2025-62727 (quadratic work on many ranges), so it is read here with limits and only one
range is served; RFC 9110 section 14.2 lets a server reject the others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ivr.kernel.errors import Invalid

HEADER_LIMIT = 100
"""Characters of a Range header we read; one range of 19-digit numbers needs 46."""
_ONE_RANGE = re.compile(r"(\d{0,19})\s*-\s*(\d{0,19})")


@dataclass(frozen=True, slots=True)
class ByteRange:
    """Bytes `first` to `last`, both included, of a file of `size` bytes."""

    first: int
    last: int
    size: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1

    @property
    def content_range(self) -> str:
        return f"bytes {self.first}-{self.last}/{self.size}"


class NotSatisfiable(Invalid):
    """The range is well formed and this file cannot serve it (HTTP 416, with `Content-Range: bytes */size`)."""

    code = "range_not_satisfiable"


def parse_range(header: str | None, size: int) -> ByteRange | None:
    """The one range a listener asked for, or None for the whole file (no header, or a unit other than bytes).

    Raises `Invalid` for a header that is no range at all, `NotSatisfiable` for more than one range, a reversed range, or
    a range outside the file.
    """
    if header is None:
        return None
    if len(header) > HEADER_LIMIT:
        raise Invalid(f"a Range header may be at most {HEADER_LIMIT} characters; ask for one range", field="Range")
    unit, sign, spec = header.partition("=")
    if not sign:
        raise Invalid("a Range header looks like bytes=0-1023", field="Range")
    if unit.strip().lower() != "bytes":
        return None
    if "," in spec:
        raise NotSatisfiable("one byte range per request, please", field="Range")
    match = _ONE_RANGE.fullmatch(spec.strip())
    if not match or spec.strip() == "-" or not spec.isascii():
        raise Invalid("a Range header looks like bytes=0-1023, bytes=1024- or bytes=-500", field="Range")
    first_text, last_text = match.groups()
    if not first_text:
        suffix = int(last_text)
        if suffix == 0 or size == 0:
            raise NotSatisfiable("the last 0 bytes cannot be sent", field="Range")
        return ByteRange(max(0, size - suffix), size - 1, size)
    first = int(first_text)
    last = min(int(last_text), size - 1) if last_text else size - 1
    if last_text and int(last_text) < first:
        raise NotSatisfiable("a range ends after it begins", field="Range")
    if first >= size:
        raise NotSatisfiable(f"the sound has {size} bytes", field="Range")
    return ByteRange(first, last, size)
