from frontdesk import CustomerClient
from frontdesk.models import FilledForm, FilledFormField, Message

with CustomerClient() as customer:
    chat_id = customer.start_chat(continuous=True).chat_id
    customer.send_event(chat_id=chat_id, event=Message("Hello!"))
    form = FilledForm(
        form_id="contact",
        fields=[FilledFormField(type="name", id="1", label="Your name", answer="Ann")],
    )
    print(customer.send_event(chat_id=chat_id, event=form).event_id)
