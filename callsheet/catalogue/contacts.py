"""Contacts: one row a shared contact."""

from __future__ import annotations

from datetime import timedelta

from callsheet import contact_columns as contact
from callsheet.columns import field, full_name, key, moment, removed_at
from callsheet.entity import Column, Cursor, Entity, Kind, Private, Reading, words
from callsheet.schedule import Cadence, Schedule

CONTACTS = Entity(
    name="contacts",
    label="Contacts",
    help="One row a shared contact, with all phone numbers and e-mail addresses. Contacts that an "
    "integration keeps, and private ones, are not given out by Aircall.",
    path="/v1/contacts",
    records_key="contacts",
    reading=Reading.WALK,
    cursor=Cursor("updated_at", look_back=timedelta(minutes=10)),
    default_schedule=Schedule(Cadence.EVERY_4_HOURS),
    known_fields=words(
        "id first_name last_name company_name description information is_shared created_at "
        "updated_at direct_link phone_numbers emails urls"
    ),
    columns=(
        Column("id", "Contact ID", key("id"), note="Aircall's own number of the contact."),
        Column(
            "name",
            "Name",
            full_name,
            note="First and last name.",
            width=160,
            private=Private.LEAVE_OUT,
        ),
        Column(
            "first_name",
            "First name",
            field("first_name"),
            note="As in Aircall.",
            private=Private.LEAVE_OUT,
        ),
        Column(
            "last_name",
            "Last name",
            field("last_name"),
            note="As in Aircall.",
            private=Private.LEAVE_OUT,
        ),
        Column(
            "company",
            "Company",
            field("company_name"),
            note="The contact's company.",
            width=160,
            private=Private.LEAVE_OUT,
        ),
        Column(
            "phone",
            "Phone",
            contact.first_phone,
            note="The first phone number, as + and digits; as Aircall has it if it is no number.",
            width=140,
            private=Private.MASK,
        ),
        Column(
            "phones",
            "All phones",
            contact.all_phones,
            note="Every phone number, in Aircall's order.",
            width=200,
            private=Private.MASK,
        ),
        Column(
            "email",
            "Email",
            contact.first_email,
            note="The first e-mail address.",
            width=190,
            private=Private.LEAVE_OUT,
        ),
        Column(
            "emails",
            "All emails",
            contact.all_emails,
            note="Every e-mail address, in Aircall's order.",
            width=220,
            private=Private.LEAVE_OUT,
        ),
        Column(
            "information",
            "Information",
            field("information"),
            Kind.PARAGRAPH,
            "The free text of the contact.",
            220,
            private=Private.LEAVE_OUT,
        ),
        Column(
            "created_at",
            "Created at",
            moment("created_at"),
            Kind.DATE_TIME,
            "When it was made, in this spreadsheet's time zone.",
            150,
        ),
        Column(
            "updated_at",
            "Updated at",
            moment("updated_at"),
            Kind.DATE_TIME,
            "When it was changed. Changes of phone numbers and e-mail addresses do not count for "
            "Aircall; they arrive once a day.",
            150,
        ),
        removed_at(),
    ),
)
