"""Invent the company's shared contacts and the numbers they call from."""

from __future__ import annotations

from itertools import permutations

from sandbox.aircall import names
from sandbox.aircall.draws import Dice, pick
from sandbox.aircall.phones import Phone, phone_in
from sandbox.aircall.records import API, Record

CONTACT_IDS, DETAIL_IDS = 521_880_101, 2_181_004_410
_COUNTRIES = ("US", "US", "US", "GB", "GB", "GB", "FR", "FR", "DE", "AU")
_LABELS = ("Work", "Mobile", "Main", "Office", "Desk")
_KEY_ORDERS = tuple(permutations(("id", "value", "label")))
_PAST_DAYS = 700


def contacts_for(calls: int) -> int:
    """Return how many contacts a company with so many calls keeps."""
    return min(300 + calls // 40, 6000)


def invent_contacts(seed: int, count: int, born: int) -> tuple[list[Record], list[Phone]]:
    """Return the contacts, oldest first, and the number each one calls from."""
    dice = Dice(seed, "contacts")
    phones = []
    records = []
    for place in range(count):
        numbers = dice.throw(place).numbers
        phone = phone_in(pick(_COUNTRIES, numbers[0]), numbers[1])
        phones.append(phone)
        records.append(_contact(place, numbers, phone, _created(place, count, born)))
    return records, phones


def detail(detail_id: int, value: str, label: str) -> Record:
    """Return one phone or mail entry; its inner key order depends on the id, as in the API."""
    entry: Record = {"id": detail_id, "value": value, "label": label}
    return {key: entry[key] for key in _KEY_ORDERS[detail_id % len(_KEY_ORDERS)]}


def _created(place: int, count: int, born: int) -> int:
    return born - _PAST_DAYS * 86_400 + int((place + 0.5) * (_PAST_DAYS - 1) * 86_400 / count)


def _contact(place: int, numbers: tuple[int, ...], phone: Phone, created: int) -> Record:
    first, last, company = _name(place, numbers)
    contact = CONTACT_IDS + place * 7 + numbers[2] % 7
    ids = DETAIL_IDS + place * 4 + numbers[3] % 2
    phones = [] if place % 41 == 40 else [detail(ids, phone.compact, pick(_LABELS, numbers[4]))]
    emails = [detail(ids + 2, f"contact{place + 1}@example.com", pick(_LABELS, numbers[5]))]
    return {
        "id": contact,
        "created_at": created,
        "updated_at": created + (numbers[6] if numbers[7] % 3 == 0 else 0),
        "first_name": first,
        "last_name": last,
        "information": pick(("", "", None, f"Account {numbers[8]}", "+SUM(A1:A9)"), numbers[9]),
        "company_name": company,
        "is_shared": True,
        "direct_link": f"{API}/v1/contacts/{contact}",
        "phone_numbers": phones,
        "emails": emails if numbers[10] % 3 else [],
    }


def _name(place: int, numbers: tuple[int, ...]) -> tuple[str | None, str | None, str | None]:
    if place % 15 == 4:
        return names.HOSTILE_CONTACTS[place // 15 % len(names.HOSTILE_CONTACTS)]
    company = pick(names.COMPANIES, numbers[11]) if numbers[12] % 2 else None
    return pick(names.FIRST, numbers[13]), pick(names.LAST, numbers[14]), company
