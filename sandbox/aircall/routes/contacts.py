"""Contacts: a program of its own, with its own defaults, order and envelope."""

from __future__ import annotations

from itertools import count
from operator import itemgetter

from flask import Blueprint, Response, request

from sandbox.aircall.callers import detail
from sandbox.aircall.context import (
    answer,
    asked_for,
    bad_request,
    body_of_request,
    list_records,
    single,
    unknown_id,
    world,
)
from sandbox.aircall.pages import PageRequest, contact_style
from sandbox.aircall.records import API, Record

contacts = Blueprint("contacts", __name__, url_prefix="/v1/contacts")
LIST = contact_style("/v1/contacts", default_per_page=50)
SEARCH = contact_style("/v1/contacts/search", default_per_page=20)
MAX_DETAILS = 20
_OWN_FIELDS = ("first_name", "last_name", "information", "company_name")
_DETAILS = {"phone_details": "phone_numbers", "email_details": "emails"}
_new_ids = count(1)


@contacts.get("")
def list_contacts() -> Response:
    """Answer the shared contacts."""
    asked = asked_for(LIST)
    return list_records(LIST, asked, in_order(list(world().directory.contacts.values()), asked))


@contacts.get("/search")
def search_contacts() -> Response:
    """Answer the contacts with a phone number or address; unknown filters are ignored."""
    asked = asked_for(SEARCH)
    phone, email = request.args.get("phone_number"), request.args.get("email")
    found = [
        contact
        for contact in world().directory.contacts.values()
        if _has(contact["phone_numbers"], phone) and _has(contact["emails"], email)
    ]
    return list_records(SEARCH, asked, in_order(found, asked))


@contacts.get("/<int:contact_id>")
def get_contact(contact_id: int) -> Response:
    """Answer one contact."""
    contact = world().directory.contacts.get(contact_id)
    return single("contact", contact) if contact else unknown_id("contact", contact_id)


@contacts.post("")
def create_contact() -> Response:
    """Create a contact; doing so twice makes two."""
    return single("contact", new_contact(body_of_request()))


@contacts.post("/<int:contact_id>")
def update_contact(contact_id: int) -> Response:
    """Change a contact's own fields, which moves `updated_at`."""
    contact = world().directory.contacts.get(contact_id)
    if contact is None:
        return unknown_id("contact", contact_id)
    change_contact(contact, body_of_request())
    return single("contact", contact)


@contacts.delete("/<int:contact_id>")
def delete_contact(contact_id: int) -> Response:
    """Delete a contact without a trace."""
    desk = world().directory
    if desk.contacts.pop(contact_id, None) is None:
        return unknown_id("contact", contact_id)
    desk.forget_texts()
    return answer("", 204)


@contacts.post("/<int:contact_id>/<any(phone_details,email_details):kind>")
def add_detail(contact_id: int, kind: str) -> Response:
    """Add a phone number or address; this does not move `updated_at`."""
    desk = world().directory
    contact, sent = desk.contacts.get(contact_id), body_of_request()
    if contact is None:
        return unknown_id("contact", contact_id)
    entries = contact[_DETAILS[kind]]
    if not sent.get("value") or len(entries) >= MAX_DETAILS:
        return bad_request("value is missing, or there are 20 already")
    entries.append(detail(2_190_000_000 + next(_new_ids), sent["value"], sent.get("label", "Work")))
    desk.forget_texts()
    return single("contact", contact, 201)


@contacts.put("/<int:contact_id>/<any(phone_details,email_details):kind>/<int:detail_id>")
def change_detail(contact_id: int, kind: str, detail_id: int) -> Response:
    """Change a phone number or address; this does not move `updated_at`."""
    desk = world().directory
    contact = desk.contacts.get(contact_id, {})
    for entry in contact.get(_DETAILS[kind], []):
        if entry["id"] == detail_id:
            entry.update({k: v for k, v in body_of_request().items() if k in ("value", "label")})
            desk.forget_texts()
            return single("contact", contact)
    return unknown_id("contact detail", detail_id)


@contacts.delete("/<int:contact_id>/<any(phone_details,email_details):kind>/<int:detail_id>")
def delete_detail(contact_id: int, kind: str, detail_id: int) -> Response:
    """Remove a phone number or address; this does not move `updated_at`."""
    desk = world().directory
    entries = desk.contacts.get(contact_id, {}).get(_DETAILS[kind], [])
    for entry in entries:
        if entry["id"] == detail_id:
            entries.remove(entry)
            desk.forget_texts()
            return answer("", 204)
    return unknown_id("contact detail", detail_id)


def in_order(found: list[Record], asked: PageRequest) -> list[Record]:
    """Return the contacts of the window, ascending; both ends belong to the window."""
    inside = [
        contact
        for contact in found
        if (asked.after is None or contact["created_at"] >= asked.after)
        and (asked.upto is None or contact["created_at"] <= asked.upto)
    ]
    return sorted(inside, key=itemgetter(asked.order_by, "id"))


def new_contact(sent: Record) -> Record:
    """Add a contact made of what was sent."""
    here = world()
    now = here.now()
    contact_id = max(here.directory.contacts, default=521_900_000) + 7
    contact: Record = {
        "id": contact_id,
        "created_at": now,
        "updated_at": now,
        **{key: sent.get(key) for key in _OWN_FIELDS},
        "is_shared": True,
        "direct_link": f"{API}/v1/contacts/{contact_id}",
    }
    for key in _DETAILS.values():
        contact[key] = [
            detail(2_190_000_000 + next(_new_ids), entry["value"], entry.get("label", "Work"))
            for entry in sent.get(key, [])[:MAX_DETAILS]
        ]
    here.directory.contacts[contact_id] = contact
    return contact


def change_contact(contact: Record, sent: Record) -> None:
    """Change a contact's own fields, which moves `updated_at`."""
    here = world()
    contact.update({key: sent[key] for key in _OWN_FIELDS if key in sent})
    contact["updated_at"] = here.now()
    here.directory.forget_texts()


def _has(entries: list[Record], wanted: str | None) -> bool:
    if not wanted:
        return True
    return any(entry["value"].lstrip("+") == wanted.strip().lstrip("+") for entry in entries)
