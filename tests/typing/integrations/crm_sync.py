"""Copy customers who chatted into a CRM, and write the CRM's id back to the chat."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from frontdesk import AgentClient, APIError, NotFound
from frontdesk.models import ChatSummary, Customer


@dataclass
class Contact:
    """A contact as the CRM has it."""

    email: str
    name: str | None
    fields: Mapping[str, str]


@dataclass
class CRM:
    """Stands for the client of some CRM."""

    contacts: dict[str, Contact] = field(default_factory=dict[str, Contact])

    def upsert(self, contact: Contact) -> int:
        """Create or change a contact; return its number."""
        self.contacts[contact.email] = contact
        return list(self.contacts).index(contact.email)


def customer_of(chat: ChatSummary) -> Customer | None:
    """Return the customer of a chat, if there is one with an e-mail address."""
    customers = (user for user in chat.users if isinstance(user, Customer) and user.email)
    return next(customers, None)


def sync(client: AgentClient, crm: CRM, groups: tuple[int, ...] = ()) -> list[str]:
    """Sync the chats of some groups, or of all; return the chats that could not be marked."""
    failed: list[str] = []
    filters = {"group_ids": groups} if groups else None
    for chat in client.iter_chats(filters=filters):
        customer = customer_of(chat)
        if customer is None or customer.email is None:
            continue
        fields = {
            key: value for each in customer.session_fields or [] for key, value in each.items()
        }
        number = crm.upsert(Contact(customer.email, customer.name, fields))
        try:
            client.update_chat_properties(id=chat.id, properties={"test": {"int_property": number}})
        except NotFound:
            continue  # deleted meanwhile
        except APIError as error:
            failed.append(f"{chat.id}: {error.type}")
    return failed
