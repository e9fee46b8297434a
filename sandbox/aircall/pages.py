"""The list envelope: page and per_page, the 10,000-position wall, meta and its links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlencode

from sandbox.aircall.records import API, Record, compact

CAP = 10_000
MAX_PER_PAGE = 50
_LINK_ORDER = ("from", "order", "page", "per_page", "to")
_CONTACT_LINK_ORDER = ("from", "to", "order", "order_by", "per_page", "page")


class OutOfBounds(Exception):
    """A page beyond position 10,000 was asked for."""


@dataclass(frozen=True, slots=True)
class ListStyle:
    """How one endpoint writes its lists."""

    key: str
    path: str
    default_per_page: int = 20
    meta_first: bool = False
    has_links: bool = True
    link_order: tuple[str, ...] = _LINK_ORDER
    carried: tuple[str, ...] = ("from", "to")


def contact_style(path: str, *, default_per_page: int) -> ListStyle:
    """Return the style of the contacts program, which differs from all others."""
    return ListStyle(
        "contacts",
        path,
        default_per_page=default_per_page,
        meta_first=True,
        link_order=_CONTACT_LINK_ORDER,
    )


@dataclass(frozen=True, slots=True)
class PageRequest:
    """What was asked for: page, size, order and bounds in time."""

    page: int
    per_page: int
    descending: bool
    order_by: str
    after: int | None
    upto: int | None
    carried: Mapping[str, object] = field(default_factory=dict)

    @property
    def start(self) -> int:
        """Return the first position of the page."""
        return (self.page - 1) * self.per_page

    @property
    def stop(self) -> int:
        """Return the position after the page."""
        return self.page * self.per_page


def read_request(args: Mapping[str, str], style: ListStyle) -> PageRequest:
    """Return the page asked for; raise OutOfBounds beyond the wall, whatever would match."""
    page = _positive(args.get("page"), 1)
    per_page = min(_positive(args.get("per_page"), style.default_per_page), MAX_PER_PAGE)
    if page * per_page > CAP:
        raise OutOfBounds
    return PageRequest(
        page=page,
        per_page=per_page,
        descending=args.get("order") == "desc",
        order_by="updated_at" if args.get("order_by") == "updated_at" else "created_at",
        after=_moment(args.get("from")),
        upto=_moment(args.get("to")),
        carried={key: args[key] for key in style.carried if args.get(key)},
    )


def envelope(
    style: ListStyle, asked: PageRequest, total: int, items: list[str], base: str = API
) -> bytes:
    """Return the whole answer as JSON bytes."""
    meta: Record = {
        "count": len(items),
        "total": total,
        "current_page": asked.page,
        "per_page": asked.per_page,
    }
    if style.has_links:
        has_next = asked.stop < total
        meta["next_page_link"] = _link(style, asked, asked.page + 1, base) if has_next else None
        meta["previous_page_link"] = (
            _link(style, asked, asked.page - 1, base) if asked.page > 1 else None
        )
    listed = f'"{style.key}":[{",".join(items)}]'
    told = f'"meta":{compact(meta)}'
    body = f"{{{told},{listed}}}" if style.meta_first else f"{{{listed},{told}}}"
    return body.encode()


def _link(style: ListStyle, asked: PageRequest, page: int, base: str) -> str:
    # The fetch_* flags are not carried over: whoever follows links loses them.
    known = {
        **asked.carried,
        "order": "desc" if asked.descending else "asc",
        "order_by": asked.order_by,
        "page": page,
        "per_page": asked.per_page,
    }
    ordered = [(key, known[key]) for key in style.link_order if key in known]
    extra = [(key, value) for key, value in asked.carried.items() if key not in style.link_order]
    return f"{base}{style.path}?{urlencode([*extra, *ordered], doseq=True)}"


def _positive(text: str | None, default: int) -> int:
    try:
        number = int(text or "")
    except ValueError:
        return default
    return number if number >= 1 else default


def _moment(text: str | None) -> int | None:
    try:
        return int(float(text)) if text else None
    except (ValueError, OverflowError):
        return None
