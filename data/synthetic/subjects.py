"""What an entry of the encyclopedia can be about: title, slots and facts of each subject of a topic."""

from functools import cache

from data.synthetic.facts import ORDINALS


@cache
def peers_of(topic: str, world) -> dict[str, list]:
    """What a subject is compared with: whatever else is of its continent, goes on as many legs, stands near."""
    rows = subjects_of(topic, world)
    alike = {"country": "continent", "animal": "legs"}.get(topic)
    peers = {}
    for place, (title, _, known) in enumerate(rows):
        if alike:
            near = [
                row
                for row in rows
                if alike in known and alike in row[2] and row[2][alike].object == known[alike].object
            ]
        elif topic == "element":
            near = rows[max(0, place - 3) : place + 4]
        else:
            near = rows
        peers[title] = [row for row in near if row[0] != title]
    return peers


@cache
def subjects_of(topic: str, world) -> list[tuple[str, dict, dict]]:
    """[(title, slots, {relation: fact})] of everything a topic can be about."""
    return SUBJECTS[topic](world)


def from_table(table: str, key: str, relations: str):
    """Subjects that are rows of a table, with their facts and the other columns as slots."""

    def subjects(world):
        rows = []
        for row in world.table(table):
            facts = {name: fact for name in relations.split() if (fact := world.get(name, row[key]))}
            slots = {**row, "subject": row[key], **{name: fact.object for name, fact in facts.items()}}
            rows.append((title_of(row[key]), slots, facts))
        return rows

    return subjects


def title_of(name: str) -> str:
    return name.removeprefix("the ")[0].upper() + name.removeprefix("the ")[1:]


def planets(world) -> list:
    """Each planet once for each thing it is known for."""
    rows = {row["name"]: row for row in world.table("planets")}
    subjects = []
    for fact in world.facts("planet_order"):
        row = rows[fact.object]
        place = f"the {ORDINALS[int(row['order']) - 1]} planet from the Sun"
        order = world.fact("planet_order", place)
        slots = {**row, "subject": fact.subject, "place": place, "number": row["order"]}
        facts = {"planet_order": fact} | ({} if order == fact else {"order": order})
        subjects.append((row["name"], slots, facts))
    return subjects


def people(world) -> list:
    subjects = []
    for person in world.people:
        facts = {
            name: world.fact(name, person.name)
            for name in ("person_birthplace", "person_job", "person_pet", "person_hobby")
        }
        she = person.pronoun == "she"
        slots = {
            "subject": person.name,
            "he": person.pronoun,
            "his": "her" if she else "his",
            "him": "her" if she else "him",
            **{name: fact.object for name, fact in facts.items()},
        }
        subjects.append((person.name, slots, facts))
    return subjects


SUBJECTS = {
    "country": from_table("countries", "name", "capital continent language people"),
    "animal": from_table("animals", "name", "young sound legs food home"),
    "element": from_table("elements", "name", "symbol atomic_number"),
    "job": from_table("jobs", "job", "tool workplace"),
    "city": from_table("cities", "name", "city_country city_population"),
    "planet": planets,
    "person": people,
}
