"""What customers and agents of a seeded world talk about, in seven languages.

A line begins with ``c`` (customer) or ``a`` (agent); ``{name}``, ``{agent}``, ``{order}``,
``{product}``, ``{city}`` and ``{weekday}`` are filled in.
"""

from typing import NamedTuple

__all__ = ["COUNTRIES", "LANGUAGES", "PRODUCTS", "Country", "Language"]


class Language(NamedTuple):
    """How people of a language write."""

    products: tuple[str, ...]
    weekdays: tuple[str, ...]
    talks: tuple[tuple[str, ...], ...]
    thanks: tuple[str, ...]
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]


class Country(NamedTuple):
    """Where customers come from; ``share`` is how many of a hundred."""

    code: str
    name: str
    language: str
    share: int
    timezone: str
    cities: tuple[tuple[str, str, float, float], ...]
    """Name, region, latitude, longitude."""


PRODUCTS = (
    "Aurora", "Breeze", "Canvas", "Delta", "Ember", "Fjord", "Grove", "Harbor", "Iris", "Juniper",
    "Kestrel", "Lumen", "Meadow", "Nimbus", "Orbit", "Pebble", "Quartz", "Ridge", "Summit", "Terra",
)  # fmt: skip
"""Names of models, the same in every language."""

ENGLISH = Language(
    products=(
        "desk lamp", "armchair", "bookshelf", "coffee table", "rug", "office chair", "wardrobe",
        "mirror", "sofa", "bed frame", "curtain", "kitchen trolley", "floor lamp", "dining table",
    ),
    weekdays=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"),
    talks=(
        (
            "c Hello, where is my order {order}? It should have been here on {weekday}.",
            "a Hi {name}, thanks for writing! Let me check the tracking for you.",
            "a The parcel left our warehouse yesterday and is on its way to {city}.",
            "c Great, so when can I expect it?",
            "a The carrier says {weekday} before noon.",
            "c Perfect, thank you for the quick help!",
        ),
        (
            "c Hi, the {product} from order {order} arrived broken :(",
            "a I'm sorry to hear that, {name}. Could you send us a photo of the damage?",
            "c Sure, one moment please.",
            "a Thank you. Would you rather have a replacement or a refund?",
            "c A refund, please. I have already bought another one.",
            "a Done. You will see the refund on your card within five working days.",
        ),
        (
            "c Do you have the {product} in dark green?",
            "a We do, but only online at the moment. The shop in {city} gets it next week.",
            "c Can I reserve one in the shop?",
            "a Of course! I've reserved one under your name, {name}.",
        ),
        (
            "c I can't log in to my account. The password reset email never arrives.",
            "a Hello, this is {agent}. Which address do you use for your account?",
            "c The one I gave in the form. I've checked the spam folder as well.",
            "a I see a typo in the address we have on file. I've corrected it, please try again.",
            "c It works now, thanks a lot {agent}!",
        ),
        (
            "c Is the {product} covered by a warranty?",
            "a Yes, by a five year warranty, {name}. You only need to keep the invoice.",
            "c And who pays for shipping if it has to be repaired?",
            "a We do. You will get a return label by email.",
        ),
        (
            "c I was charged twice for order {order}!",
            "a That should not happen, I apologize. Let me look at the invoice.",
            "a One of the two charges is a reservation which your bank releases by {weekday}.",
            "c Ok, but if it's still there on {weekday} I'm filing a complaint.",
            "a That's fair. I'll keep an eye on it and write to you, {name}.",
        ),
        (
            "c Are you hiring in {city}?",
            "a We are! Have a look at the careers page, the offers are updated every {weekday}.",
        ),
        (
            "c I'd like to return the {product} I bought last week.",
            "a No problem, you have thirty days. Is the original packaging still there?",
            "c Yes, unopened. Order number is {order}.",
            "a Here is your return label, {name}. Drop the parcel at any pickup point in {city}.",
            "c Thanks, that was easy.",
            "a Anything else I can help you with?",
            "c No, have a nice day!",
        ),
    ),
    thanks=("Great service", "Very helpful", "Took a while", "Friendly and fast", "Not solved"),
    first_names=(
        "Olivia", "Noah", "Emma", "Liam", "Ava", "James", "Sophia", "Lucas", "Grace", "Henry",
        "Chloe", "Ethan", "Mia", "Jack", "Ella", "Daniel", "Ruby", "Samuel", "Hannah", "Thomas",
    ),
    last_names=(
        "Anderson", "Brown", "Carter", "Davies", "Evans", "Foster", "Green", "Hughes", "Irving",
        "Johnson", "King", "Lewis", "Mitchell", "Nolan", "Owens", "Parker", "Quinn", "Roberts",
        "Stewart", "Turner", "Underwood", "Vaughn", "Walker", "Young",
    ),
)  # fmt: skip

GERMAN = Language(
    products=(
        "Schreibtischlampe", "Sessel", "Bücherregal", "Couchtisch", "Teppich", "Kleiderschrank",
        "Spiegel", "Bettgestell", "Küchenwagen", "Esstisch",
    ),
    weekdays=("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag"),
    talks=(
        (
            "c Guten Tag, wo bleibt meine Bestellung {order}?",
            "a Hallo {name}, ich schaue gleich nach. Einen Moment bitte.",
            "a Das Paket ist unterwegs nach {city} und kommt am {weekday} an.",
            "c Super, vielen Dank für die schnelle Auskunft!",
        ),
        (
            "c Der Artikel {product} ist beschädigt angekommen. Ich möchte ihn zurückgeben.",
            "a Das tut mir leid, {name}. Könnten Sie uns bitte ein Foto schicken?",
            "c Ja, gerne. Bekomme ich eine Rückerstattung?",
            "a Selbstverständlich, der Betrag ist in fünf Werktagen auf Ihrem Konto.",
        ),
        (
            "c Ich brauche eine Rechnung mit Umsatzsteuer für {order}.",
            "a Die Rechnung habe ich Ihnen soeben per E-Mail geschickt.",
            "c Danke, {agent}. Schönes Wochenende!",
        ),
        (
            "c Können Sie mich bitte am {weekday} zurückrufen?",
            "a Sehr gerne, {name}. Unter welcher Nummer erreichen wir Sie?",
            "c Unter der Nummer aus dem Formular. Es geht um {product}.",
            "a Der Rückruf ist eingetragen. Eine Kollegin aus {city} meldet sich.",
        ),
    ),
    thanks=("Sehr freundlich", "Schnelle Hilfe", "Hat leider lange gedauert", "Ungelöst"),
    first_names=(
        "Lena", "Jonas", "Anna", "Felix", "Marie", "Lukas", "Sophie", "Jürgen", "Käthe", "Björn",
        "Greta", "Matthias",
    ),
    last_names=(
        "Müller", "Schmidt", "Schäfer", "Weber", "Krüger", "Hoffmann", "Köhler", "Vogel", "Groß",
        "Lehmann", "Jäger", "Brandt",
    ),
)  # fmt: skip

SPANISH = Language(
    products=(
        "lámpara", "sillón", "estantería", "mesa de centro", "alfombra", "espejo", "sofá",
        "silla de oficina",
    ),
    weekdays=("lunes", "martes", "miércoles", "jueves", "viernes"),
    talks=(
        (
            "c Hola, ¿dónde está mi pedido {order}?",
            "a ¡Hola {name}! Déjame revisar el envío.",
            "a Sale hoy del almacén y llega a {city} el {weekday}.",
            "c Muchas gracias por la ayuda.",
        ),
        (
            "c Quiero devolver el artículo {product}, llegó con un defecto.",
            "a Lo siento mucho. ¿Prefieres un cambio o un reembolso?",
            "c Un reembolso, por favor.",
            "a Hecho, {name}. El reembolso tarda cinco días hábiles.",
        ),
        (
            "c ¿Tienen tienda en {city}?",
            "a Sí, abrimos de {weekday} a sábado. ¡Te esperamos!",
        ),
    ),
    thanks=("Muy amable", "Rápido y fácil", "Tardaron mucho"),
    first_names=(
        "Lucía", "Mateo", "Sofía", "Hugo", "María", "Álvaro", "Inés", "Javier", "Carmen", "Diego",
    ),
    last_names=(
        "García", "Fernández", "Núñez", "Martínez", "Sánchez", "Romero", "Ibáñez", "Peña", "Vega",
    ),
)  # fmt: skip

POLISH = Language(
    products=("lampka", "fotel", "regał", "stolik", "dywan", "szafa", "lustro", "krzesło"),
    weekdays=("poniedziałek", "wtorek", "środę", "czwartek", "piątek"),
    talks=(
        (
            "c Dzień dobry, gdzie jest moje zamówienie {order}?",
            "a Dzień dobry {name}, już sprawdzam przesyłkę.",
            "a Paczka jest w drodze do miasta {city}, kurier będzie w {weekday}.",
            "c Dziękuję za szybką odpowiedź!",
        ),
        (
            "c Chciałbym zwrócić {product}, przyszedł uszkodzony.",
            "a Bardzo przepraszamy. Czy woli Pan wymianę, czy zwrot pieniędzy?",
            "c Zwrot pieniędzy poproszę.",
            "a Gotowe, pieniądze wrócą na konto w ciągu pięciu dni roboczych.",
        ),
        (
            "c Proszę o fakturę do zamówienia {order}.",
            "a Faktura została wysłana na podany adres e-mail, {name}.",
        ),
    ),
    thanks=("Świetna obsługa", "Szybko i miło", "Problem nierozwiązany"),
    first_names=(
        "Zuzanna", "Jakub", "Łucja", "Paweł", "Małgorzata", "Wojciech", "Agnieszka", "Michał",
    ),
    last_names=(
        "Kowalski", "Wiśniewska", "Wójcik", "Zieliński", "Dąbrowska", "Król", "Jabłoński", "Lis",
    ),
)  # fmt: skip

FRENCH = Language(
    products=("lampe", "fauteuil", "étagère", "table basse", "tapis", "miroir", "canapé"),
    weekdays=("lundi", "mardi", "mercredi", "jeudi", "vendredi"),
    talks=(
        (
            "c Bonjour, je n'ai toujours pas reçu ma commande {order}.",
            "a Bonjour {name}, je vérifie tout de suite.",
            "a Votre colis sera livré à {city} {weekday} matin.",
            "c Parfait, merci beaucoup !",
        ),
        (
            "c Le produit {product} est arrivé cassé, je voudrais un remboursement.",
            "a Je suis désolé. Pouvez-vous nous envoyer une photo ?",
            "c Oui, voilà.",
            "a Merci, le remboursement sera effectué sous cinq jours ouvrés.",
        ),
    ),
    thanks=("Très aimable", "Réponse rapide", "Un peu long"),
    first_names=("Chloé", "Léo", "Zoé", "Étienne", "Amélie", "François", "Hélène", "Théo"),
    last_names=("Dupont", "Lefèvre", "Moreau", "Fournier", "Béranger", "Rousseau", "Gauthier"),
)

PORTUGUESE = Language(
    products=("luminária", "poltrona", "estante", "mesa", "tapete", "espelho", "sofá"),
    weekdays=("segunda", "terça", "quarta", "quinta", "sexta"),
    talks=(
        (
            "c Olá, meu pedido {order} ainda não chegou em {city}.",
            "a Olá {name}! Vou verificar agora mesmo.",
            "a A entrega está prevista para {weekday}.",
            "c Ótimo, muito obrigado!",
        ),
        (
            "c Gostaria de trocar o produto {product}, veio na cor errada.",
            "a Sem problema, enviaremos a etiqueta de devolução por e-mail.",
            "c Obrigada pela atenção, {agent}.",
        ),
    ),
    thanks=("Excelente atendimento", "Muito rápido", "Demorou um pouco"),
    first_names=("João", "Beatriz", "Antônio", "Letícia", "Gabriel", "Conceição", "Rafael"),
    last_names=("Silva", "Souza", "Araújo", "Gonçalves", "Simões", "Brandão", "Lima"),
)

JAPANESE = Language(
    products=("デスクランプ", "本棚", "ラグ", "鏡", "ソファ", "椅子"),
    weekdays=("月曜日", "火曜日", "水曜日", "木曜日", "金曜日"),
    talks=(
        (
            "c こんにちは。注文番号{order}の商品がまだ届きません。",
            "a {name}様、お問い合わせありがとうございます。配送状況を確認いたします。",
            "a {city}への配送は{weekday}の予定です。",
            "c わかりました。ありがとうございます。",
        ),
        (
            "c {product}が壊れていました。返金をお願いします。",
            "a ご迷惑をおかけして申し訳ございません。写真を送っていただけますか。",
            "c はい、送ります。",
            "a 返金の手続きが完了しました。五営業日以内に入金されます。",
        ),
    ),
    thanks=("とても親切でした", "対応が早い", "少し時間がかかりました"),
    first_names=("陽菜", "蓮", "結衣", "大翔", "美咲", "健太"),
    last_names=("佐藤", "鈴木", "高橋", "田中", "渡辺", "山本"),
)

LANGUAGES = {
    "en": ENGLISH,
    "de": GERMAN,
    "es": SPANISH,
    "pl": POLISH,
    "fr": FRENCH,
    "pt": PORTUGUESE,
    "ja": JAPANESE,
}

COUNTRIES = (
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
