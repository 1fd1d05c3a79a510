"""Names of the customers of a bulk world, and the countries that they come from."""

from typing import Final, NamedTuple

__all__ = ["COUNTRIES", "NAMES", "Country", "Names"]


class Names(NamedTuple):
    """What people are called who speak a language."""

    first: tuple[str, ...]
    last: tuple[str, ...]


class Country(NamedTuple):
    """Where customers come from; ``share`` is how many of a hundred."""

    code: str
    name: str
    language: str
    share: int
    timezone: str
    cities: tuple[tuple[str, str, float, float], ...]
    """Name, region, latitude, longitude."""


NAMES: Final = {
    "en": Names(
        (
            "Olivia",
            "Noah",
            "Emma",
            "Liam",
            "Ava",
            "James",
            "Sophia",
            "Lucas",
            "Grace",
            "Henry",
            "Chloe",
            "Ethan",
            "Mia",
            "Jack",
            "Ella",
            "Daniel",
            "Ruby",
            "Samuel",
            "Hannah",
            "Thomas",
        ),
        (
            "Anderson",
            "Brown",
            "Carter",
            "Davies",
            "Evans",
            "Foster",
            "Green",
            "Hughes",
            "Irving",
            "Johnson",
            "King",
            "Lewis",
            "Mitchell",
            "Nolan",
            "Owens",
            "Parker",
            "Quinn",
            "Roberts",
            "Stewart",
            "Turner",
            "Underwood",
            "Vaughn",
            "Walker",
            "Young",
        ),
    ),
    "de": Names(
        (
            "Lena",
            "Jonas",
            "Anna",
            "Felix",
            "Marie",
            "Lukas",
            "Sophie",
            "Jürgen",
            "Käthe",
            "Björn",
            "Greta",
            "Matthias",
        ),
        (
            "Müller",
            "Schmidt",
            "Schäfer",
            "Weber",
            "Krüger",
            "Hoffmann",
            "Köhler",
            "Vogel",
            "Groß",
            "Lehmann",
            "Jäger",
            "Brandt",
        ),
    ),
    "es": Names(
        ("Lucía", "Mateo", "Sofía", "Hugo", "María", "Álvaro", "Inés", "Javier", "Carmen", "Diego"),
        ("García", "Fernández", "Núñez", "Martínez", "Sánchez", "Romero", "Ibáñez", "Peña", "Vega"),
    ),
    "pl": Names(
        ("Zuzanna", "Jakub", "Łucja", "Paweł", "Małgorzata", "Wojciech", "Agnieszka", "Michał"),
        ("Kowalski", "Wiśniewska", "Wójcik", "Zieliński", "Dąbrowska", "Król", "Jabłoński", "Lis"),
    ),
    "fr": Names(
        ("Chloé", "Léo", "Zoé", "Étienne", "Amélie", "François", "Hélène", "Théo"),
        ("Dupont", "Lefèvre", "Moreau", "Fournier", "Béranger", "Rousseau", "Gauthier"),
    ),
    "pt": Names(
        ("João", "Beatriz", "Antônio", "Letícia", "Gabriel", "Conceição", "Rafael"),
        ("Silva", "Souza", "Araújo", "Gonçalves", "Simões", "Brandão", "Lima"),
    ),
    "ja": Names(
        ("陽菜", "蓮", "結衣", "大翔", "美咲", "健太"),
        ("佐藤", "鈴木", "高橋", "田中", "渡辺", "山本"),
    ),
}

COUNTRIES: Final = (
    Country("US", "United States", "en", 30, "America/New_York", (
        ("Boston", "Massachusetts", 42.3601, -71.0589), ("Austin", "Texas", 30.2672, -97.7431),
        ("Portland", "Oregon", 45.5152, -122.6784), ("Chicago", "Illinois", 41.8781, -87.6298),
    )),
    Country("GB", "United Kingdom", "en", 14, "Europe/London", (
        ("London", "England", 51.5072, -0.1276), ("Leeds", "England", 53.8008, -1.5491),
        ("Glasgow", "Scotland", 55.8642, -4.2518),
    )),
    Country("DE", "Germany", "de", 16, "Europe/Berlin", (
        ("Köln", "Nordrhein-Westfalen", 50.9375, 6.9603), ("Leipzig", "Sachsen", 51.3397, 12.3731),
        ("München", "Bayern", 48.1351, 11.582),
    )),
    Country("AT", "Austria", "de", 3, "Europe/Vienna", (("Graz", "Steiermark", 47.0707, 15.4395),)),
    Country("ES", "Spain", "es", 8, "Europe/Madrid", (
        ("Málaga", "Andalucía", 36.7213, -4.4214), ("Bilbao", "País Vasco", 43.263, -2.935),
    )),
    Country("MX", "Mexico", "es", 5, "America/Mexico_City", (
        ("Mérida", "Yucatán", 20.9674, -89.5926),
    )),
    Country("PL", "Poland", "pl", 9, "Europe/Warsaw", (
        ("Wrocław", "Dolnośląskie", 51.1079, 17.0385), ("Łódź", "Łódzkie", 51.7592, 19.456),
    )),
    Country("FR", "France", "fr", 6, "Europe/Paris", (
        ("Nîmes", "Occitanie", 43.8367, 4.3601), ("Lille", "Hauts-de-France", 50.6292, 3.0573),
    )),
    Country("BR", "Brazil", "pt", 5, "America/Sao_Paulo", (
        ("São Paulo", "São Paulo", -23.5558, -46.6396),
    )),
    Country("JP", "Japan", "ja", 3, "Asia/Tokyo", (("大阪", "大阪府", 34.6937, 135.5023),)),
    Country("IS", "Iceland", "en", 1, "Atlantic/Reykjavik", (
        ("Akureyri", "Norðurland eystra", 65.6885, -18.1262),
    )),
)  # fmt: skip
