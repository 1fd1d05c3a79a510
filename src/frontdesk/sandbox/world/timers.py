"""placeholder"""
from frontdesk.sandbox.store.records import ChatRecord
from frontdesk.sandbox.world.world import World


def watch(world: World, chat: ChatRecord) -> None:
    """later"""
