"""The customers with a story, by stable account code; README.md lists what each is for."""

from __future__ import annotations

from tryton_people import Bill, Note, Person

KEYPAD_VISA = "Card by keypad, Visa 4242"
LINK_MASTERCARD = "Secure link, Mastercard 5100"


def special() -> list[Person]:
    """Return the customers that tests and the demo ask for by code."""
    return [
        _amara(), _overdue(), _many(), _part_paid(), _credit(), _clear(), *_household(), _closed(),
        _refused(), *_namesakes(), _prefers_email(), _withheld(),
    ]  # fmt: skip


def _amara() -> Person:
    return Person(
        "NE 204 118", "Amara Okafor", "14 Larch Road", "Leeds", "LS6 2AB",
        [("phone", "+442079460958")], "amara.okafor@example.com",
        bills=[
            Bill(101, 6175, service_ago=122, paid_ago=75, how=LINK_MASTERCARD, number=19877),
            Bill(70, 5840, service_ago=91, returned_ago=49, paid_ago=44, how=KEYPAD_VISA, by="Tom Ellis"),
            Bill(40, 6210, service_ago=60, number=20931),
            Bill(27, 6126, service_ago=27, number=21407),
            Bill(13, 6126, "Gas", service_ago=30, number=21888),
        ],
        notes=[
            Note(63, "Tom Ellis", "Prefers calls after 10:00"),
            Note(110, "Priya Nair", "Can use the keypad, prefers English"),
        ],
        special="the demo's caller: three open bills, one overdue",
    )  # fmt: skip


def _overdue() -> Person:
    return Person(
        "NE 204 126", "Derek Hartley", "7 Quarry Hill", "Sheffield", "S8 9GL",
        [("phone", "+441144960126")], "derek.hartley@example.com",
        bills=[Bill(95, 11840), Bill(66, 12215), Bill(38, 13170)],
        notes=[Note(20, "Marcus Bell", "Promised to ring back on pay day")],
        special="everything overdue",
    )  # fmt: skip


def _many() -> Person:
    return Person(
        "NE 204 134", "Fatima Siddiqui", "Flat 3, 52 Clarence Terrace", "Manchester", "M14 5TQ",
        [("phone", "+441614960134"), ("phone", "+441614960135")], "fatima.siddiqui@example.com",
        bills=[
            Bill(61, 4410), Bill(60, 3895, "Gas"), Bill(31, 4725), Bill(29, 4150, "Gas"),
            Bill(14, 4980), Bill(12, 4365, "Gas"), Bill(3, 1500, "Boiler cover"),
        ],
        special="seven open bills, two numbers",
    )  # fmt: skip


def _part_paid() -> Person:
    return Person(
        "NE 204 142", "Owain Prosser", "19 Rowan Way", "Cardiff", "CF14 6QE",
        [("phone", "+442920180142")], "owain.prosser@example.com",
        bills=[
            Bill(45, 12000, paid_ago=20, part_pence=5000, how=KEYPAD_VISA, by="Sian Hughes"),
            Bill(16, 8455),
        ],
        notes=[Note(20, "Sian Hughes", "Paid 50.00 now, the rest at the end of the month")],
        special="one bill part-paid",
    )  # fmt: skip


def _credit() -> Person:
    return Person(
        "NE 204 159", "Ingrid Solheim", "2 Lime Tree Walk", "Edinburgh", "EH10 4DF",
        [("phone", "+441314960159")], "ingrid.solheim@example.com",
        bills=[Bill(68, 7420, paid_ago=54), Bill(9, -3150, "Overestimated reading")],
        special="in credit by 31.50",
    )  # fmt: skip


def _clear() -> Person:
    return Person(
        "NE 204 167", "Kofi Asante", "88 Coronation Road", "Bristol", "BS3 1RA",
        [("phone", "+441174960167")], "kofi.asante@example.com",
        bills=[Bill(72, 9310, paid_ago=58), Bill(42, 9085, paid_ago=28)],
        special="nothing owed",
    )  # fmt: skip


def _household() -> list[Person]:
    home = ("31 Church Street", "Newcastle upon Tyne", "NE2 1XB")
    number = [("phone", "+441914980175")]
    return [
        Person(
            "NE 204 175", "Joan Whitfield", *home, list(number), "joan.whitfield@example.com",
            bills=[Bill(48, 5520, paid_ago=34), Bill(18, 5765)], special="shares a number with NE 204 183",
        ),
        Person(
            "NE 204 183", "Peter Whitfield", *home, list(number), None,
            bills=[Bill(41, 6890, "Gas"), Bill(11, 7035, "Gas")], special="shares a number with NE 204 175",
        ),
    ]  # fmt: skip


def _closed() -> Person:
    return Person(
        "NE 204 191", "Gwen Maddox", "5 Chapel Lane", "Reading", "RG6 1AL",
        [("phone", "+441184960191")], "gwen.maddox@example.com",
        bills=[Bill(100, 6680, paid_ago=86)],
        notes=[Note(60, "Priya Nair", "Moved out, final bill settled, account closed")],
        special="closed account", closed=True,
    )  # fmt: skip


def _refused() -> Person:
    return Person(
        "NE 204 209", "Rupert Ashcombe", "The Old Mill, Mill Lane", "Leicester", "LE3 0QP",
        [("phone", "+441164960209")], "rupert.ashcombe@example.com",
        bills=[Bill(80, 14460, old_book=True)],
        special="posting refused: owed on a ledger account that ended with the closed period",
    )  # fmt: skip


def _namesakes() -> list[Person]:
    return [
        Person(
            "NE 204 217", "David Jones", "23 Park View", "Cardiff", "CF24 2GJ",
            [("phone", "+442920180217")], "david.jones@example.com",
            bills=[Bill(35, 7145), Bill(6, 7310)], special="same name as NE 204 225",
        ),
        Person(
            "NE 204 225", "David Jones", "110 Wellington Road", "Liverpool", "L18 8EF",
            [("phone", "+441514960225")], "djones1958@example.com",
            bills=[Bill(22, 10275)], special="same name as NE 204 217",
        ),
    ]  # fmt: skip


def _prefers_email() -> Person:
    return Person(
        "NE 204 233", "Siobhan Keane", "61 Hawthorn Drive", "Glasgow", "G41 3NN",
        [("phone", "+441414960233")], "siobhan.keane@example.com",
        bills=[Bill(50, 8120, paid_ago=25, how=LINK_MASTERCARD), Bill(20, 8265)],
        notes=[Note(25, "Tom Ellis", "Prefers email: send links and receipts there, not by text")],
        special="prefers email",
    )  # fmt: skip


def _withheld() -> Person:
    return Person(
        "NE 204 241", "Margaret Doyle", "4 Ivy Cottages", "Birmingham", "B29 7RU", [], None,
        bills=[Bill(44, 5255), Bill(15, 5390)],
        notes=[Note(30, "Marcus Bell", "Calls from a withheld number, find by account or post code")],
        special="no number on record, calls withheld",
    )  # fmt: skip
