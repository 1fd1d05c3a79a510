"""What is wrong with the text of a token, without asking anybody."""

import base64
import binascii
import re
import unicodedata
from typing import Final

from frontdesk.auth import as_token
from frontdesk.cli.accounts.findings import Finding, Verdict
from frontdesk.errors import InvalidArgument
from frontdesk.redaction import register

__all__ = ["account_of", "findings_of", "keep_secret"]

PREFIX: Final = re.compile(r"(?P<region>[A-Za-z]{2,4}(?:-[A-Za-z0-9]+)?)(?P<colon>:|%3[Aa])")
REGIONS: Final = ("dal", "fra")
HEXADECIMAL: Final = re.compile(r"[0-9a-f]{32}")
ACCOUNT: Final = re.compile(r"[0-9a-fA-F-]{32,36}")
QUOTES: Final = "\"'`\u201c\u201d\u2018\u2019\xab\xbb"
WORDS: Final = re.compile(r"[A-Za-z0-9._~+/=:%-]+")
NAMES: Final = ("authorization", "frontdesk_token", "access_token", "refresh_token")
"""What stands beside a token, and is none."""
SHORTEST_PAIR: Final = 12
"""Characters of Base64 that could be an account and a token."""
PAIR_HELP: Final = "`Basic ` and the Base64 of `account_id:token`"


def findings_of(text: str) -> list[Finding]:
    """Return what is wrong with the text of a token; one finding that all is well if nothing is.

    Only the first mistake that makes it useless is found: the others may follow from it.
    """
    keep_secret(text)
    stripped = text.strip()
    if not stripped:
        return [_finding("failed", "it is empty: the variable or the option holds no token")]
    found: list[Finding] = []
    if stripped != text:
        found.append(
            _finding(
                "warning",
                f"it has {_spaces(text)} around it; frontdesk takes no notice, while other "
                "programs may send it",
            )
        )
    mistake = _mistake(stripped)
    if mistake:
        return [*found, _finding("failed", mistake)]
    try:
        as_token(stripped)
    except InvalidArgument as error:
        return [*found, _finding("failed", f"it {error.rule}")]
    return [*found, *_prefix_findings(stripped)]


def account_of(encoded: str) -> str | None:
    """Return the account that a personal access token is of, as it goes with ``Basic``."""
    account, colon, _ = (_decoded(encoded) or "").partition(":")
    return account if colon and account else None


def keep_secret(text: str) -> None:
    """Register everything in the text that may be a secret, whatever is wrong with it."""
    texts = {text, text.strip(), *text.split(), *WORDS.findall(text)}
    texts |= {decoded for each in list(texts) if (decoded := _decoded(each)) is not None}
    for each in texts:
        parts = {each, each.strip(), *re.split(r":|%3[Aa]", each.strip()), *each.split()}
        register(*(part for part in parts if part.strip(":=").lower() not in NAMES))


def _mistake(text: str) -> str:
    """Return why the text is no token; empty if it may be one."""
    mistake = _wrapping(text) or _characters(text)
    if mistake:
        return mistake
    scheme, _, rest = text.partition(" ")
    rest = rest.strip()
    match scheme.lower():
        case "bearer" | "basic" if not rest:
            return f"it is the word `{scheme.capitalize()}` alone: the token after it is missing"
        case "bearer":
            return _second_scheme("Bearer", rest) or _bearer_mistake(rest, "Bearer")
        case "basic":
            return _second_scheme("Basic", rest) or _basic_mistake(rest)
        case _ if rest:
            return (
                "it begins with a word that is neither `Bearer` nor `Basic`, or has a space inside"
            )
        case _:
            return _bearer_mistake(text, "")


def _wrapping(text: str) -> str:
    """Return what was copied along with a token."""
    if re.match(r"(?i)authorization\s*[:=]", text):
        return "it begins with the name of the header: leave `Authorization:` out"
    if text[0] in QUOTES or text[-1] in QUOTES:
        return "it has quotation marks around it: remove them"
    if text[0] in "{[":
        return "it is JSON, such as a whole response: take the value of `access_token` alone"
    if re.fullmatch(r"<[^>]*>|\$\{?\w+\}?|%\w+%|(?i:your[-_ ].*)", text):
        return "it is the placeholder of an example, or a variable that nobody replaced"
    if text.lower().startswith(("http://", "https://")):
        return "it is an address; the token is what is behind `access_token=` in it, if it is there"
    if re.match(r"(?i)(FRONTDESK_TOKEN|access_token|token)\s*=", text):
        return "it begins with the name of a variable and `=`: leave both out"
    return ""


def _characters(text: str) -> str:
    """Return which characters no token has, and where, counted from 1."""
    odd = [
        (place, char)
        for place, char in enumerate(text, 1)
        if not (char.isascii() and char.isprintable())
    ]
    if not odd:
        return ""
    names = [f"{_name(char)} at character {place}" for place, char in odd[:3]]
    more = f" and {len(odd) - 3} more" if len(odd) > len(names) else ""
    invisible = any(not char.isprintable() or unicodedata.category(char) == "Zs" for _, char in odd)
    kind = "invisible characters" if invisible else "characters that no token has"
    return f"it has {kind}: {', '.join(names)}{more}; copy it again, or type that part anew"


def _second_scheme(scheme: str, rest: str) -> str:
    word = rest.partition(" ")[0].lower()
    if word in ("bearer", "basic"):
        return f"it has two schemes, `{scheme}` and `{word.capitalize()}`: leave out the wrong one"
    return "it has a space inside" if " " in rest else ""


def _bearer_mistake(token: str, scheme: str) -> str:
    """Return why a text is no access token."""
    decoded = _decoded(token) if PREFIX.match(token) is None else None
    if decoded is not None and _is_pair(decoded):
        if scheme:
            return (
                "`Bearer` and `Basic` are mixed up: this is the Base64 of a personal access token, "
                "which goes with `Basic`; write `Basic` for `Bearer`"
            )
        return (
            "it is the Base64 of a personal access token without its scheme: put `Basic ` before it"
        )
    if decoded is not None and PREFIX.match(decoded):
        return (
            "it is an access token that was Base64-encoded: an access token is sent as it is, "
            "after `Bearer `"
        )
    account, _, rest = token.partition(":")
    if ACCOUNT.fullmatch(account) and rest:
        return (
            "it is account id and token as they are: a personal access token is sent as "
            f"{PAIR_HELP}"
        )
    if HEXADECIMAL.fullmatch(token):
        return (
            "it looks like a client id or a secret (32 hexadecimal digits), not like a token: "
            "`frontdesk login` gets a token with them"
        )
    return ""


def _basic_mistake(encoded: str) -> str:
    """Return why a text is no Base64 of account and token."""
    if PREFIX.match(encoded):
        return (
            "`Basic` and `Bearer` are mixed up, or the Base64 is missing: an access token goes "
            f"with `Bearer`; a personal access token is sent as {PAIR_HELP}"
        )
    if ":" in encoded:
        return f"it is not Base64-encoded: a personal access token is sent as {PAIR_HELP}"
    decoded = _decoded(encoded)
    if decoded is None:
        if re.search(r"[^A-Za-z0-9+/=]", encoded) or len(encoded) % 4:
            return (
                "its Base64 is not whole: a part was not copied, or it is in the form for URLs; "
                f"a personal access token is sent as {PAIR_HELP}"
            )
        return f"its Base64 holds no text; a personal access token is sent as {PAIR_HELP}"
    return _pair_mistake(decoded)


def _pair_mistake(decoded: str) -> str:
    """Return why a text that was Base64-encoded is no account and token."""
    if decoded != decoded.strip():
        return (
            "a line break or a space was Base64-encoded along with it, as `echo` without `-n` "
            "does; encode `account_id:token` alone"
        )
    if decoded.lower().startswith(("basic ", "bearer ")):
        return (
            "the word `Basic` or `Bearer` was Base64-encoded, too: encode `account_id:token` alone"
        )
    odd = _characters(decoded)
    if odd:
        return f"of what is Base64-encoded, {odd}"
    again = _decoded(decoded)
    if again is not None and _is_pair(again):
        return "it was Base64-encoded twice: once is enough"
    account, colon, token = decoded.partition(":")
    if not colon:
        return (
            "the wrong thing is Base64-encoded, a text without a colon: it has to be "
            "`account_id:token`, both of them"
        )
    if account.lower() in REGIONS:
        if ACCOUNT.fullmatch(decoded.rpartition(":")[2]):
            return "token and account id are in the wrong order: encode `account_id:token`"
        return (
            "the wrong thing is Base64-encoded, the token without the account id: encode "
            "`account_id:token`, or send an access token with `Bearer`, as it is"
        )
    if not account or not token:
        return "the account id or the token is missing: encode `account_id:token`"
    if "@" in account:
        return (
            "it names the account by an e-mail address: encode `account_id:token`, with the "
            "account id that the Developer Console shows"
        )
    return ""


def _prefix_findings(text: str) -> list[Finding]:
    """Look at the data centre that the token begins with."""
    scheme, _, rest = text.partition(" ")
    token = rest.strip() or scheme
    kind = "an access token"
    if scheme.lower() == "basic":
        token = (_decoded(token) or "").partition(":")[2]
        kind = "a personal access token"
    ready = _finding("ok", f"{kind}, whole and in the right form")
    prefix = PREFIX.match(token)
    if prefix is None:
        return [
            ready,
            Finding(
                check="region",
                verdict="warning",
                text="it begins with no region, such as `dal:` or `fra:`: if it did where you "
                "copied it, copy all of it; requests go to the default data centre",
            ),
        ]
    region = prefix["region"]
    if region.partition("-")[0] in REGIONS:
        return [ready]
    hint = region.lower().partition("-")[0]
    text = (
        f"it begins with `{hint}` in capital letters: write `{hint}:`"
        if hint in REGIONS
        else "it begins with a region that frontdesk does not know; `dal:` and `fra:` are known"
    )
    verdict: Verdict = "failed" if hint in REGIONS else "warning"
    return [ready, Finding(check="region", verdict=verdict, text=text)]


def _is_pair(decoded: str) -> bool:
    account, colon, token = decoded.strip().partition(":")
    return bool(colon and account and token and account.lower() not in REGIONS)


def _decoded(text: str) -> str | None:
    """Return the text that Base64 stands for, ``None`` for anything else."""
    if len(text) < SHORTEST_PAIR:
        return None
    try:
        decoded = base64.b64decode(text, validate=True).decode()
    except (binascii.Error, ValueError):
        return None
    # Any word of the right length is Base64 of something.
    return decoded if all(map(_is_of_text, decoded)) else None


def _is_of_text(char: str) -> bool:
    """Tell whether a text may hold a character: any but control characters and the like."""
    return char.isprintable() or char.isspace() or unicodedata.category(char) == "Cf"


def _spaces(text: str) -> str:
    return "line breaks" if "\n" in text or "\r" in text else "spaces"


def _name(char: str) -> str:
    name = unicodedata.name(char, "")
    return f"{name} (U+{ord(char):04X})" if name else f"a control character (U+{ord(char):04X})"


def _finding(verdict: Verdict, text: str) -> Finding:
    return Finding(check="token", verdict=verdict, text=text)
