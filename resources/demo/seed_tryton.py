"""Fill an empty Tryton database with the demo company and its customers.

Runs under Tryton's own Python: seed_tryton.py CONFIG DATABASE.sqlite OUT. Prints one JSON line per step;
writes people.json (who can ring) and access.json (how the hub gets in) into OUT.
"""

from __future__ import annotations

import datetime as dt
import gc
import json
import sqlite3
import sys
from pathlib import Path
from typing import Any

from proteus import config as client
from tryton_ledger import Ledger, PastNote
from tryton_people import Person, people
from tryton_setup import Books, hub_access


def seed(config_file: Path, database: Path, out: Path) -> None:
    """Book everything, then write what the demo has to know."""
    config = client.set_trytond(f"sqlite:///{database.stem}", config_file=str(config_file))
    customers = people()
    gc.disable()  # a short life in much memory: collecting only costs time
    say("company", 0, 1)
    ledger = Ledger(Books(config, dt.datetime.now().astimezone().date()), customers, say)
    access = hub_access(ledger.books.company)
    say("company", 1, 1)
    ledger.add_parties()
    booked = ledger.add_bills()
    notes = ledger.add_notes(ledger.add_payments(booked))
    ledger.close()
    backdate(database, notes, ledger.users)
    write(out / "access.json", {"database": database.stem, **access})
    write(out / "people.json", [_listed(person) for person in customers])


def say(stage: str, done: int, total: int) -> None:
    """Report a step to whoever started us."""
    print(json.dumps({"stage": stage, "done": done, "total": total}), flush=True)


def backdate(database: Path, notes: list[tuple[int, PastNote]], users: dict[str, int]) -> None:
    """Give the notes their day and author, which the server sets itself and lets nobody choose.

    Also drops the print jobs of the bills: the seed ran as if a worker would do them.
    """
    rows = [(f"{note.day} 10:{id % 60:02d}:00", users.get(note.by), id) for id, note in notes]
    with sqlite3.connect(database) as connection:
        connection.executemany(
            "UPDATE ir_note SET create_date = ?, create_uid = coalesce(?, create_uid) WHERE id = ?", rows
        )
        connection.execute("DELETE FROM ir_queue")
    connection.close()


def _listed(person: Person) -> dict[str, Any]:
    phone = person.phones[0][1] if person.phones else None
    return {"code": person.code, "name": person.name, "phone": phone, "special": person.special}


def write(path: Path, content: object) -> None:
    """Write JSON that only its owner may read."""
    path.touch(0o600)
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    seed(*(Path(argument) for argument in sys.argv[1:4]))
