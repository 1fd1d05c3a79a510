"""What LiveChat charges for requests."""

from typing import Final

__all__ = ["PRICE"]

PRICE: Final = 0.27
"""US dollars for 1,000 requests of a private application, up to a million of them a month.

Source: https://platform.text.com/docs/getting-started/api-pricing
"""
