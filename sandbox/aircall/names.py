"""Invented names, plain ones and the hostile ones that a spreadsheet must survive."""

from __future__ import annotations

FIRST = (
    "Amara", "Théo", "Devon", "Ingrid", "Mateo", "Saoirse", "Kofi", "Leila", "Bram", "Yuki",
    "Odette", "Rafael", "Nadia", "Finn", "Zainab", "Casper", "Marisol", "Anton", "Freya", "Omar",
    "Greta", "Luca", "Imani", "Pavel", "Elodie", "Hugo", "Sunniva", "Tariq", "Beatriz", "Callum",
)  # fmt: skip
LAST = (
    "Whitfield", "Lambercier", "Castellanos", "Okafor", "Lindqvist", "Moreau", "Abernathy",
    "Haddad", "Novak", "Brightwater", "Fenwick", "Santoro", "Achterberg", "Delacroix", "Mbeki",
    "Rosenthal", "Tanaka", "Quigley", "Varga", "Oyelaran", "Strand", "Pemberton", "Khoury",
)  # fmt: skip
SIXTY = "Maximiliana Featherstonehaugh-Cholmondeley Vandersloot-Quint"
HOSTILE_USERS = (
    "=Kit Marlowe-Dunne",
    "+Tomas Fielding",
    "-Ada Northcott",
    "@Jo Reyes",
    "نور الحكيم",
    "Priya 🌻 Raman",
    SIXTY,
    "Lena\tVogt",
    "Zero\u200bWidth\u2060 Joiner",
    "Break\nOfLine",
)
HOSTILE_CONTACTS: tuple[tuple[str | None, str | None, str | None], ...] = (
    ("=1+1", "@Formula", '=IMPORTXML("https://example.com/x","//a")'),
    ("🦊 Renard", "Dubois", None),
    ("דנה", "לוי", "שירות בע״מ"),
    (None, None, "Northgate Depot"),
    ("Marsh", "Hotel\nReception", "Marsh Hotel"),
    (SIXTY, None, None),
    ("+Plus", "-Minus", "@At"),
    ("Tab\tbed", "Zero\u200bwidth", "\ufeffBOM & Sons"),
    ("'Quote", '"Double"', "a,b;c"),
    ("-2+3", "=cmd|' /C calc'!A0", "1e5"),
    ("Ines", None, None),
    ("Null\u202eoverride", "عبد الله", "TRUE"),
)
COMPANIES = (
    "Bellweather Tea Co", "Harbour Lights Hotel", "Cobalt Cycles", "Fennel & Rye", "Old Mill Press",
    "Tidewater Supply", "Maple Row Dental", "Kestrel Freight", "Blue Door Books", "Nordhaus GmbH",
)  # fmt: skip
COMMENTS = (
    "Customer called back, see order {n}",
    "Refund agreed, {n} GBP.\nConfirm by mail.",
    '=HYPERLINK("https://example.com","open order")',
    "+{n} units promised",
    "Asked for a call on Monday",
    "-- no answer, left a message --",
    "@warehouse please check {n}",
    "שיחה חוזרת",
    "Déjà rappelé, dossier {n}",
    "Note with a\ttab and \u200bzero width",
)
CUSTOM_TAGS = (
    ("Refund", "#FF5733"),
    ("VIP ⭐", "#ffd60a"),
    ("=Escalated", "#0033CC"),
    ("שירות לקוחות", "#8A2BE2"),
    ("Delivery question that took longer than the usual five minut", "#2f855a"),
    ("Returns", "#1b998b"),
    ("Billing", "#E84855"),
    ("Wrong number", "#3a3a3a"),
    ("New order", "#0EAD69"),
    ("-Complaint", "#540D6E"),
)
SYSTEM_TAGS = (
    ("Callback Request", "#29C8FF", "queue_callback"),
    ("Called Back", "#B285D1", "queue_called_back"),
    ("Conference", "#000000", "conference"),
    ("Follow Up", "#ff7d03", "follow_up_self_assign"),
    ("Voicemail Drop", "#FCBB26", "voicemail_drop"),
    ("Voice Virtual Agent", "#00B388", "voice_virtual_agent"),
    ("Outbound Campaign", "#6454F3", "outbound_campaign"),
    ("Native to GSM", "#0091FF", "native_to_gsm"),
    ("Local Presence", "#00B388", "local_presence"),
)
