"""A sandbox with agents who chat with many customers, for the benchmark.

Arguments: how many agents and customers. Prints its port and organization, then a line with the
tokens of each; when its standard input ends, the CPU seconds that it took since then.
"""

import json
import resource
import sys

from frontdesk.sandbox import Sandbox
from frontdesk.sandbox.store.records import AgentRecord
from frontdesk.sandbox.world import World
from frontdesk.sandbox.world.accounts import customer_tokens
from frontdesk.sandbox.world.people import customers


def cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def agent_id(number: int) -> str:
    return f"agent{number}@example.com"


def add_agents(world: World, count: int, places: int) -> list[str]:
    for other in tuple(world.store.company.agents.values()):
        other.status = "offline"
        world.store.company.save_agent(other)
    ids = [agent_id(number) for number in range(count)]
    for number, user_id in enumerate(ids):
        agent = AgentRecord(
            id=user_id,
            name=f"Agent {number}",
            account_id=f"agent{number}",
            groups={0: "normal"},
            max_chats=places,
        )
        world.store.company.save_agent(agent)
    return ids


def add_customers(world: World, count: int) -> list[str]:
    tokens = []
    for number in range(count):
        details = customers.CustomerDetails(name=f"Customer {number}")
        customer = customers.create(world, details)
        tokens.append(f"Bearer {customer_tokens.issue(world, customer.id).id}")
    return tokens


def main(agents: int, visitors: int) -> None:
    with Sandbox("empty", served=True) as sandbox:
        places = 2 * -(-visitors // agents)
        ids = sandbox.backend.work(lambda world: add_agents(world, agents, places))
        tokens = {
            "agents": [sandbox.issue_token(user_id) for user_id in ids],
            "customers": sandbox.backend.work(lambda world: add_customers(world, visitors)),
        }
        print(sandbox.url.rpartition(":")[2], sandbox.organization_id, flush=True)
        print(json.dumps(tokens), flush=True)
        for _ in sys.stdin:
            print(cpu_seconds(), flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
