"""Parts of an object: by the Range header, or by the number of an uploaded part."""

import re
from dataclasses import dataclass

from invocations.errors import aws_error
from invocations.models.bucket import StoredObject
from invocations.services.s3.errors import invalid_argument, invalid_range, invalid_request

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_COPIED_RANGE = re.compile(r"bytes=(\d+)-(\d+)")


@dataclass(frozen=True, slots=True)
class Span:
    """The bytes of an object that are asked for."""

    start: int
    length: int
    is_part: bool
    """Only some of the object were asked for, be it all of them."""

    def content_range(self, size: int) -> str:
        """As the header of that name has it."""
        return f"bytes {self.start}-{self.start + self.length - 1}/{size}"


def span_of(row: StoredObject, asked: str | None, part_number: int | None = None) -> Span:
    """What a Range header means; one that cannot be read means everything. Raises InvalidRange, InvalidPartNumber."""
    if part_number is not None:
        if asked is not None:
            raise invalid_request("Cannot specify both Range header and partNumber query parameter")
        return _span_of_part(row, part_number)
    match = _RANGE.fullmatch(asked.replace(" ", "")) if asked is not None else None
    if asked is None or match is None or (not match[1] and not match[2]):
        return Span(0, row.size, False)
    if not match[1]:
        length = min(int(match[2]), row.size)
        start = row.size - length
    else:
        start = int(match[1])
        end = min(int(match[2]), row.size - 1) if match[2] else row.size - 1
        if match[2] and int(match[2]) < start:
            return Span(0, row.size, False)
        length = end - start + 1
    if length <= 0:
        raise invalid_range(asked, row.size)
    return Span(start, length, True)


def copied_span(row: StoredObject, asked: str | None) -> Span:
    """What x-amz-copy-source-range means. Raises InvalidArgument, InvalidRequest."""
    if asked is None:
        return Span(0, row.size, False)
    name = "x-amz-copy-source-range"
    match = _COPIED_RANGE.fullmatch(asked)
    if match is None or int(match[1]) > int(match[2]):
        form = "bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy"
        raise invalid_argument(f"The {name} value must be of the form {form}", name, asked)
    start, end = int(match[1]), int(match[2])
    if end >= row.size:
        raise invalid_argument(f"Range specified is not valid for source object of size: {row.size}", name, asked)
    return Span(start, end - start + 1, True)


def _span_of_part(row: StoredObject, part_number: int) -> Span:
    sizes = [int(size) for _, size in row.segments] if "-" in row.etag else [row.size]
    if not 1 <= part_number <= len(sizes):
        raise aws_error("InvalidPartNumber", "The requested partnumber is not satisfiable", 416, PartNumberRequested=part_number)
    return Span(sum(sizes[: part_number - 1]), sizes[part_number - 1], True)
