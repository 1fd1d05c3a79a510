"""What may stand in the place of the word that is being written."""

import pytest

from frontdesk.cli.completion.candidates import candidates

TREE = {
    "options": [{"names": ["--version"], "flag": True}],
    "commands": {
        "serve": {
            "help": "Serve it.",
            "options": [
                {"names": ["--seed"], "choices": ["demo", "quiet"], "help": "The company."},
                {"names": ["--db"], "files": True},
                {"names": ["--allow"], "multiple": True},
                {"names": ["--open", "--no-open"], "flag": True},
                {"names": ["--count", "-n"]},
            ],
            "arguments": [{"choices": ["here", "there"]}, {"files": True}],
        },
        "export": {
            "default": "chats",
            "commands": {
                "chats": {"options": [{"names": ["--since"]}], "arguments": [{"files": True}]},
                "erase": {"help": "Erase it."},
            },
        },
        "bot": {"commands": {"run": {}, "list": {}}},
    },
}


def words(line: str) -> list[str]:
    return [each.word for each in candidates(line.split(" "), TREE).words]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", ["serve", "export", "bot"]),
        ("s", ["serve"]),
        ("nosuch ", ["serve", "export", "bot"]),
        ("--", ["--version", "--help"]),
        ("bot ", ["run", "list"]),
        ("bot r", ["run"]),
        ("serve ", ["here", "there"]),
        ("serve h", ["here"]),
        ("serve --s", ["--seed"]),
        ("serve --seed ", ["demo", "quiet"]),
        ("serve --seed q", ["quiet"]),
        ("serve --seed=q", ["quiet"]),
        ("serve --seed demo --se", []),
        ("serve --seed demo here ", []),
        ("serve --no", ["--no-open"]),
        ("serve --open --", ["--seed", "--db", "--allow", "--count", "--help"]),
        ("serve --allow a --al", ["--allow"]),
        ("serve -n 3 --c", []),
        ("serve -- ", ["here", "there"]),
        ("serve -- --", []),
        ("serve --count ", []),
        ("export ", ["erase"]),
        ("export --", ["--since", "--help"]),
        ("export --since ", []),
        ("export erase ", []),
    ],
)
def test_words(line: str, expected: list[str]) -> None:
    assert words(line) == expected


@pytest.mark.parametrize(
    ("line", "files"),
    [
        ("serve --db ", True),
        ("serve --db=x", True),
        ("serve here ", True),
        ("serve ", False),
        ("serve --seed ", False),
        ("export ", True),
        ("export --since now ", True),
        ("bot ", False),
        ("", False),
    ],
)
def test_names_of_files(line: str, files: bool) -> None:
    assert candidates(line.split(" "), TREE).files is files


def test_the_part_before_a_value_and_the_help_are_there() -> None:
    assert candidates(["serve", "--seed=d"], TREE).prefix == "--seed="
    assert candidates(["serve", "--se"], TREE).words[0].help == "The company."
    assert candidates([], TREE).words


def test_the_real_commands_are_in_the_index() -> None:
    assert "send_event" in [each.word for each in candidates(["call", "send_"]).words]
    assert "customer.send_event" in [each.word for each in candidates(["call", "customer."]).words]
    assert "--chat-id" in [each.word for each in candidates(["call", "send_event", "--c"]).words]
    assert [
        each.word for each in candidates(["call", "list_archives", "--sort-order", ""]).words
    ] == [
        "asc",
        "desc",
    ]
