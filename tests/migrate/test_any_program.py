"""Whatever a program does with lc-sdk-python, what comes out is Python, and stays as it is then."""

import ast

from hypothesis import given, settings
from hypothesis import strategies as st

from frontdesk.migrate import migrate_source

HEADS = [
    "from livechat.agent import AgentWeb\nclient = AgentWeb.get_client('Bearer dal:abc')",
    "import livechat.agent as a\nclient = a.AgentWeb.get_client('Bearer dal:abc', '3.5')",
    "from livechat.agent import *\nclient = AgentWeb.get_client(access_token='Bearer dal:abc')",
]
RESPONSES = ["client.get_chat('A')", "client.list_chats()", "client.follow_chat('A')", "other", "r"]
VALUES = ["{r}.json()", "{r}.json()['users']", "{r}.json().get('thread')", "data", "data['thread']"]
VALUES += [
    "data.get('users', [])",
    "{{'a': data}}",
    "[each for each in data]",
    "None",
    "data or {{}}",
]
LINES = [
    "r = {r}",
    "data = {v}",
    "{r}.raise_for_status()",
    "print({v})",
    "print(f\"{{data}} {{data['id']}}\")",
    "data['x'] = {v}",
    "x, y = {v}, {v}",
    "data.append({v})",
    "use({v})",
    "del data['users']",
    "assert {r}.status_code == 200",
    "if data['type'] == 'agent':\n    data = {v}\nelse:\n    print(data['name'])",
    "for each in {v}:\n    data = each\n    print(each['id'], each.get('name', ''))",
    "while data:\n    data = {v}",
    "try:\n    data = {v}\nexcept KeyError:\n    data = None",
    "def use(data):\n    return {v}",
    "class Desk:\n    def __init__(self):\n        self.data = {v}\n        self.client = client",
    "client = None",
    "other = lambda data: {v}",
    "if (data := {v}): print(data['id']); r = {r}",
]


@st.composite
def programs(draw):
    lines = [draw(st.sampled_from(HEADS)), "r = other = client.get_chat('B')", "data = r.json()"]
    for _ in range(draw(st.integers(1, 8))):
        line = draw(st.sampled_from(LINES))
        value = draw(st.sampled_from(VALUES)).format(r=draw(st.sampled_from(RESPONSES)))
        lines.append(line.format(v=value, r=draw(st.sampled_from(RESPONSES))))
    return "\n".join(lines) + "\n"


@settings(max_examples=60, deadline=None)
@given(programs())
def test_the_conversion_of_any_program(source):
    migration = migrate_source(source.encode())
    tree = ast.parse(migration.source)
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    imported = {
        (alias.asname or alias.name).partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        for alias in node.names
    }
    for name in ("AgentWeb", "AgentClient", "to_dict", "a"):
        assert name not in names or name in imported, migration.source.decode()
    again = migrate_source(migration.source)
    assert again.source == migration.source
