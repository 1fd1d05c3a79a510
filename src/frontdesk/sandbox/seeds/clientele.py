"""The customers of the demo company: who they are, where they are, and what they browse with."""

from functools import cache
from typing import Final, NamedTuple

from frontdesk.models import Geolocation
from frontdesk.sandbox.seeds import texts

__all__ = ["BROWSERS", "PAGES", "REFERRERS", "Person", "clientele"]

PAGES: Final[tuple[tuple[str, str], ...]] = (
    ("https://shop.example.com/", "Example Shop"),
    ("https://shop.example.com/pricing", "Pricing"),
    ("https://shop.example.com/products/desk-lamp", "Desk lamp"),
    ("https://shop.example.com/products/sofas", "Sofas"),
    ("https://shop.example.com/products/dining-tables", "Dining tables"),
    ("https://shop.example.com/help/returns", "Returns"),
    ("https://shop.example.com/help/delivery", "Delivery"),
    ("https://shop.example.com/account/orders", "Your orders"),
    ("https://shop.example.com/checkout", "Checkout"),
)
"""Pages of the website, with their titles."""

REFERRERS: Final = (
    "https://www.example.net/search",
    "https://www.example.net/ads",
    "https://news.example.org/furniture-of-the-year",
    "https://mail.example.com/",
)
"""Where customers come from."""

_CHROMIUM: Final = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0"
_SAFARI: Final = "AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.1"

BROWSERS: Final = (
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_CHROMIUM} Safari/537.36",
    f"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {_SAFARI} Safari/605.1.15",
    f"Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) {_SAFARI} Mobile/15E148 Safari/604.1",
    f"Mozilla/5.0 (Linux; Android 15; Pixel 8) {_CHROMIUM} Mobile Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {_CHROMIUM} Safari/537.36 Edg/131.0.0.0",
    f"Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) {_SAFARI} Mobile/15E148 Safari/604.1",
)
"""What customers browse with."""


class Person(NamedTuple):
    """A customer to be; e-mail address and phone number may be empty."""

    name: str
    email: str
    phone: str
    language: str
    country: str
    country_code: str
    region: str
    city: str
    timezone: str
    latitude: str
    longitude: str

    @property
    def geolocation(self) -> Geolocation:
        """Where the customer is."""
        return Geolocation(
            country=self.country,
            country_code=self.country_code,
            region=self.region,
            city=self.city,
            timezone=self.timezone,
            latitude=self.latitude,
            longitude=self.longitude,
        )


@cache
def clientele() -> tuple[Person, ...]:
    """Return the customers, as ``texts/customers.txt`` lists them."""
    text = texts.read("customers.txt")
    return tuple(
        Person(*(field.strip() for field in line.split("|")))
        for line in text.splitlines()
        if line and not line.startswith("#")
    )
