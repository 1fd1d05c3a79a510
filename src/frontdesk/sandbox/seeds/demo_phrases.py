"""What people of the demo company talk about: customers, and conversations in several languages."""

from typing import Final

__all__ = ["BOT_LINES", "CONVERSATIONS", "CUSTOMERS", "PAGES", "Conversation", "Person"]

Person = tuple[str, str, str, str, str, str, str, str]
"""Name, e-mail address, language, country, its code, region, city, time zone."""

CUSTOMERS: Final[tuple[Person, ...]] = (
    ("Thomas Anderson", "t.anderson@example.com", "en", "United States", "US", "Illinois",
     "Chicago", "America/Chicago"),
    ("Mary Johnson", "mary.johnson@example.com", "en", "United States", "US", "Texas", "Austin",
     "America/Chicago"),
    ("Oliver Wright", "oliver@example.org", "en", "United Kingdom", "GB", "England", "Leeds",
     "Europe/London"),
    ("Aoife Byrne", "aoife.byrne@example.org", "en", "Ireland", "IE", "Leinster", "Dublin",
     "Europe/Dublin"),
    ("Priya Nair", "priya@example.com", "en", "India", "IN", "Kerala", "Kochi", "Asia/Kolkata"),
    ("Liam Tremblay", "liam.t@example.com", "en", "Canada", "CA", "Ontario", "Ottawa",
     "America/Toronto"),
    ("Chloe Nguyen", "chloe@example.org", "en", "Australia", "AU", "Victoria", "Melbourne",
     "Australia/Melbourne"),
    ("Sabine Krüger", "sabine.krueger@example.com", "de", "Germany", "DE", "Hessen",
     "Frankfurt am Main", "Europe/Berlin"),
    ("Jürgen Weiß", "weiss@example.org", "de", "Germany", "DE", "Bayern", "München",
     "Europe/Berlin"),
    ("Vreni Zürcher", "vreni@example.com", "de", "Switzerland", "CH", "Bern", "Bern",
     "Europe/Zurich"),
    ("José Fernández", "jose.fernandez@example.com", "es", "Spain", "ES", "Andalucía", "Sevilla",
     "Europe/Madrid"),
    ("María Peña", "maria.pena@example.org", "es", "Mexico", "MX", "Jalisco", "Guadalajara",
     "America/Mexico_City"),
    ("Łukasz Wiśniewski", "lukasz@example.com", "pl", "Poland", "PL", "Dolnośląskie", "Wrocław",
     "Europe/Warsaw"),
    ("Zofia Dąbrowska", "zofia.d@example.org", "pl", "Poland", "PL", "Mazowieckie", "Warszawa",
     "Europe/Warsaw"),
    ("Émilie Lefèvre", "emilie@example.com", "fr", "France", "FR", "Occitanie", "Toulouse",
     "Europe/Paris"),
    ("Noël Garnier", "noel.garnier@example.org", "fr", "Belgium", "BE", "Hainaut", "Mons",
     "Europe/Brussels"),
    ("田中 花子", "hanako@example.com", "ja", "Japan", "JP", "東京都", "東京", "Asia/Tokyo"),
    ("佐藤 健", "sato@example.org", "ja", "Japan", "JP", "大阪府", "大阪", "Asia/Tokyo"),
)  # fmt: skip

PAGES: Final[tuple[tuple[str, str], ...]] = (
    ("https://shop.example.com/", "Example Shop"),
    ("https://shop.example.com/pricing", "Pricing"),
    ("https://shop.example.com/products/desk-lamp", "Desk lamp"),
    ("https://shop.example.com/help/returns", "Returns"),
    ("https://shop.example.com/account/orders", "Your orders"),
)

Conversation = tuple[str, str, tuple[tuple[str, str], ...]]
"""Language, tag, and lines: ``c`` is said by the customer, ``a`` by the agent. ``{order}`` is an
order number."""

CONVERSATIONS: Final[tuple[Conversation, ...]] = (
    ("en", "support", (
        ("c", "Hi, my order {order} still has not arrived. Can you check where it is?"),
        ("a", "Hello! Of course, let me look up order {order} for you."),
        ("a", "It left our warehouse yesterday and should arrive within two days."),
        ("c", "Great, thank you very much!"),
    )),
    ("en", "refund", (
        ("c", "I would like a refund for order {order}, the lamp arrived broken."),
        ("a", "I am sorry to hear that. Could you send us a photo of the damage?"),
        ("c", "Sure, one moment."),
        ("a", "Thanks. The refund for {order} is on its way, you will see it in 3 to 5 days."),
    )),
    ("en", "sales", (
        ("c", "Do you offer a discount for teams of more than 20 people?"),
        ("a", "We do: 15 % from 20 seats on. Shall I prepare a quote?"),
        ("c", "Yes please, for 25 seats."),
        ("a", "You will find it in your mailbox in a few minutes."),
    )),
    ("en", "complaint", (
        ("c", "This is the third time that the checkout fails with an error 500!"),
        ("a", "That must be frustrating, I am sorry. Which browser do you use?"),
        ("c", "Firefox on Linux."),
        ("a", "Our engineers have just fixed it. Could you try again, please?"),
        ("c", "Works now. Finally."),
    )),
    ("en", "positive feedback", (
        ("c", "Just wanted to say that your delivery was amazingly fast 🚀"),
        ("a", "Thank you so much, that makes our day! 😊"),
    )),
    ("en", "spam", (
        ("c", "Cheap watches!!! http://watches.example.net"),
        ("a", "We are not interested. Goodbye."),
    )),
    ("de", "support", (
        ("c", "Guten Tag, meine Bestellung {order} ist noch nicht angekommen."),
        ("a", "Guten Tag! Ich sehe sofort nach, einen Augenblick bitte."),
        ("a", "Das Paket ist unterwegs und kommt voraussichtlich übermorgen an."),
        ("c", "Vielen Dank für die schnelle Auskunft!"),
    )),
    ("de", "rückruf", (
        ("c", "Könnten Sie mich bitte wegen der Rechnung zurückrufen?"),
        ("a", "Natürlich. Unter welcher Nummer erreichen wir Sie am besten?"),
        ("c", "Am Vormittag unter 069 1234567. Größere Beträge bitte vorher prüfen."),
        ("a", "Notiert, wir melden uns morgen früh."),
    )),
    ("es", "support", (
        ("c", "Buenos días, ¿dónde está mi pedido {order}?"),
        ("a", "¡Hola! Lo compruebo enseguida."),
        ("a", "Su pedido llegará mañana por la mañana."),
        ("c", "¡Muchas gracias, señorita!"),
    )),
    ("es", "lead", (
        ("c", "¿Tienen descuentos para pequeñas empresas?"),
        ("a", "Sí, a partir de diez usuarios. ¿Le envío una oferta?"),
        ("c", "Sí, por favor. El año que viene seremos quince."),
    )),
    ("pl", "support", (
        ("c", "Dzień dobry, zamówienie {order} przyszło uszkodzone."),
        ("a", "Dzień dobry, bardzo przepraszamy. Czy może Pan przesłać zdjęcie?"),
        ("c", "Oczywiście, już wysyłam."),
        ("a", "Dziękuję, jutro wyślemy nową część."),
    )),
    ("pl", "sales", (
        ("c", "Czy wystawiacie faktury VAT dla firm z Łodzi?"),
        ("a", "Tak, faktura przyjdzie e-mailem po opłaceniu zamówienia."),
    )),
    ("fr", "support", (
        ("c", "Bonjour, je n'arrive pas à réinitialiser mon mot de passe."),
        ("a", "Bonjour ! Je vous envoie tout de suite un nouveau lien."),
        ("c", "Parfait, ça marche. Merci beaucoup !"),
    )),
    ("fr", "complaint", (
        ("c", "La commande {order} est arrivée en retard et le carton était ouvert."),
        ("a", "Je suis désolée. Nous vous remboursons les frais de livraison."),
        ("c", "D'accord, j'espère que cela ne se reproduira pas."),
    )),
    ("ja", "support", (
        ("c", "注文 {order} はいつ届きますか。"),
        ("a", "お問い合わせありがとうございます。確認いたします。"),
        ("a", "明日の午前中にお届けする予定です。"),
        ("c", "ありがとうございます。"),
    )),
    ("ja", "sales", (
        ("c", "チームプランの料金を教えてください。"),
        ("a", "二十名様以上で一五パーセント割引になります。"),
        ("c", "では、見積もりをお願いします。"),
    )),
)  # fmt: skip

BOT_LINES: Final[tuple[tuple[str, str], ...]] = (
    ("c", "What are your opening hours?"),
    ("a", "We are here from Monday to Friday, 9 am to 5 pm."),
    ("c", "And do you ship to Norway?"),
    ("a", "Yes, we ship to all countries of Europe."),
)
