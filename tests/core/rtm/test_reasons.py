"""What a client does about each reason for which the server ends a connection."""

import re
from pathlib import Path

from frontdesk.core.rtm.reasons import VERDICTS, Verdict, verdict_on


def test_guide_says_what_follows_each_reason():
    page = Path(__file__).parents[3] / "docs" / "guide" / "rtm-drops.md"
    rows = re.findall(r"^\| (`[a-z_]+`.*) \| (connects|asks|ends) ", page.read_text(), re.MULTILINE)
    in_guide = {reason: what for row, what in rows for reason in re.findall(r"`([a-z_]+)`", row)}
    what = {
        Verdict.RECONNECT: "connects",
        Verdict.HOP: "connects",
        Verdict.RENEW: "asks",
        Verdict.STOP: "ends",
    }
    documented = {name: v for name, v in VERDICTS.items() if name != "misdirected_request"}
    assert in_guide == {reason: what[verdict] for reason, verdict in documented.items()}
    assert VERDICTS["misdirected_request"] is VERDICTS["misdirected_connection"]
    assert verdict_on("brand_new") is Verdict.RECONNECT
