"""The demo's customers and their bills: plain data, the same every time for a given day."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

AGENTS = ("Tom Ellis", "Priya Nair", "Marcus Bell", "Sian Hughes")
COUNT = 200

FIRST = """Aaliyah Adam Adebayo Agnes Aisha Alan Alasdair Alice Amelia Andrzej Angharad Anil Anna Arthur
Beatrice Ben Bronwen Callum Carys Catherine Chidi Chloe Colin Daniel Deborah Derek Dilys Dominic
Doris Edith Eilidh Elaine Elena Emma Esther Ewan Farah Fergus Fiona Florence Gareth George Gita
Grace Graham Hamza Hannah Harriet Hassan Heather Helen Ian Imran Iona Isla Jack Jade James Janet
Jasmine Joan Joseph Joyce Karen Katarzyna Keith Kevin Kwame Laura Leila Leonard Lewis Lily Lorna
Lucy Malcolm Maria Marjorie Meera Megan Michael Mohammed Moira Nadia Nasreen Neil Nia Nigel Oliver
Olivia Omar Owen Patricia Paul Pauline Peter Rachel Raj Rebecca Rhys Robert Rosemary Ruth Samuel
Sandra Sanjay Sean Sharon Sheila Simon Sophie Stephen Stuart Susan Tariq Teresa Thomas Vera Victoria
Wendy William Winston Yasmin Zainab Zofia""".split()

LAST = """Abbott Achebe Ahmed Akhtar Allen Anderson Atkinson Bailey Baker Banerjee Barnes Begum Bell Bennett
Boateng Bradley Brennan Brooks Byrne Cameron Campbell Carter Chapman Chaudhry Clarke Collins Cooper
Craig Cross Dalton Davies Dixon Douglas Dunn Edwards Eze Fairclough Farrell Fletcher Forbes Foster
Fraser Gallagher Gibson Gill Goddard Graham Grant Green Griffiths Hale Hall Hamilton Harper Hughes
Hussain Iqbal Jackson Jenkins Johnston Kaur Kelly Khan Kowalski Lambert Lawson Lewis Lloyd MacDonald
MacLeod Mahmood Malik Marsh Mensah Mistry Moore Morgan Morris Murphy Nowak Obi Oduya Parry Patel
Pearce Phillips Powell Price Pritchard Quinn Rahman Reid Rhodes Roberts Rowe Sandhu Shah Sharma Shaw
Sheikh Singh Slater Stevens Sutherland Swift Thorne Tucker Turner Vaughan Walsh Ward Watkins Webb
Whelan Whitaker Wójcik Yates Yeboah""".split()

STREETS = """Acacia Avenue|Albert Street|Ashfield Road|Beech Grove|Bridge Street|Cavendish Road
Chapel Lane|Church Street|Clarence Terrace|Coronation Road|Elm Close|Ferndale Avenue
Garden Street|Grange Road|Hawthorn Drive|Heath Road|High Street|Hillcrest|Ivy Cottages
Kingsway|Lime Tree Walk|Manor Road|Mill Lane|Nelson Street|Northfield Crescent
Orchard Close|Park View|Princes Street|Quarry Hill|Rectory Road|Riverside|Rowan Way
St John's Road|Station Road|Sycamore Drive|The Crescent|Union Street|Vicarage Lane
Victoria Terrace|Wellington Road|Westgate|Willow Court|York Place""".replace("\n", "|").split("|")

# city, post code areas, and the start of the numbers the regulator keeps free for fiction there
CITIES = (
    ("Leeds", ("LS6", "LS7", "LS11", "LS17"), "+441134960"),
    ("Sheffield", ("S6", "S8", "S11"), "+441144960"),
    ("Birmingham", ("B13", "B29", "B44"), "+441214960"),
    ("Edinburgh", ("EH6", "EH10", "EH15"), "+441314960"),
    ("Glasgow", ("G12", "G20", "G41"), "+441414960"),
    ("Liverpool", ("L15", "L18", "L25"), "+441514960"),
    ("Manchester", ("M14", "M20", "M33"), "+441614960"),
    ("Newcastle upon Tyne", ("NE2", "NE4", "NE15"), "+441914980"),
    ("Leicester", ("LE2", "LE3", "LE5"), "+441164960"),
    ("Bristol", ("BS3", "BS5", "BS7"), "+441174960"),
    ("Reading", ("RG1", "RG6", "RG30"), "+441184960"),
    ("Cardiff", ("CF11", "CF14", "CF24"), "+442920180"),
    ("London", ("E17", "N8", "SE15", "SW16"), "+442079460"),
)


@dataclass
class Bill:
    """One bill; every `_ago` is days before the day of the seed, every amount is pence."""

    issued_ago: int
    pence: int
    fuel: str = "Electricity"
    service_ago: int | None = None  # the month billed; the month before the bill when not given
    paid_ago: int | None = None
    how: str = "Direct debit"
    by: str = "system"
    part_pence: int | None = None  # only this much of it was paid
    returned_ago: int | None = None  # the bank sent a direct debit back on this day
    number: int | None = None
    old_book: bool = False  # owed on the ledger account that ended with the closed year

    @property
    def month_ago(self) -> int:
        return self.issued_ago + 20 if self.service_ago is None else self.service_ago


@dataclass
class Note:
    """What an agent wrote about a customer, so many days ago."""

    ago: int
    by: str
    text: str


@dataclass
class Person:
    """One customer of the demo: who they are, what they were billed, what was noted."""

    code: str
    name: str
    street: str
    city: str
    postal_code: str
    phones: list[tuple[str, str]]
    email: str | None
    bills: list[Bill] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    special: str | None = None
    closed: bool = False


def people(seed: int = 20731) -> list[Person]:
    """Return every customer, the special ones first."""
    from tryton_special import special

    rng = random.Random(seed)
    made = special()
    taken = {person.name for person in made}
    while len(made) < COUNT:
        person = _ordinary(rng, len(made))
        if person.name not in taken:
            taken.add(person.name)
            made.append(person)
    return made


def _ordinary(rng: random.Random, index: int) -> Person:
    first, last = rng.choice(FIRST), rng.choice(LAST)
    city, areas, phone = rng.choice(CITIES)
    return Person(
        code=f"NE {300 + index} {rng.randrange(100, 1000)}",
        name=f"{first} {last}",
        street=f"{rng.randrange(1, 180)} {rng.choice(STREETS)}",
        city=city,
        postal_code=f"{rng.choice(areas)} {rng.randrange(1, 10)}{_letter(rng)}{_letter(rng)}",
        phones=[("phone", f"{phone}{500 + index}")],
        email=_email(first, last) if rng.random() < 0.85 else None,
        bills=_life(rng),
        notes=_notes(rng),
    )


def _letter(rng: random.Random) -> str:
    return rng.choice("ABDEFGHJLNPQRSTUWXYZ")


def _email(first: str, last: str) -> str:
    plain = f"{first}.{last}".lower().replace("ó", "o").replace("'", "")
    return f"{plain}@example.com"


def _life(rng: random.Random) -> list[Bill]:
    """Bill a household once a month, and let it pay as households do.

    A bill or payment costs Tryton some 50 ms to book, so most lives are short.
    """
    months = rng.choices((1, 2, 3), (45, 35, 20))[0]
    fuel = rng.choice(("Electricity", "Electricity", "Gas"))
    day, usual = rng.randrange(1, 29), rng.randrange(3800, 14500)
    habit = rng.choices(("debit", "card", "late", "behind"), (55, 20, 15, 10))[0]
    return [_bill(rng, fuel, 28 * month + day, usual, habit) for month in reversed(range(months))]


def _bill(rng: random.Random, fuel: str, issued: int, usual: int, habit: str) -> Bill:
    bill = Bill(issued, usual + rng.randrange(-900, 900), fuel)
    pays_after = {"debit": 14, "card": rng.randrange(6, 28), "late": rng.randrange(35, 50), "behind": 75}[
        habit
    ]
    if issued > pays_after:
        bill.paid_ago = issued - pays_after
        if habit == "debit":
            bill.paid_ago -= bill.paid_ago % 7  # collected once a week
        else:
            bill.how, bill.by = rng.choice(CARDS), rng.choice(AGENTS)
    return bill


CARDS = (
    "Card by keypad, Visa 4242",
    "Card by keypad, Mastercard 4444",
    "Secure link, Visa 0077",
    "Secure link, Mastercard 5100",
)

REMARKS = (
    "Meter reading given over the phone, account updated",
    "Asked how to read the smart meter display",
    "Prefers calls after 18:00",
    "Moved in on the first of the month, opening reading agreed",
    "Asked for large print bills",
    "Explained the standing charge",
    "Happy with the tariff, will call again before it ends",
    "On the priority services register",
)


def _notes(rng: random.Random) -> list[Note]:
    wanted = rng.choices((0, 1, 2), (45, 40, 15))[0]
    return [Note(rng.randrange(2, 110), rng.choice(AGENTS), text) for text in rng.sample(REMARKS, wanted)]
