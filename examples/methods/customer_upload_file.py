from frontdesk import CustomerClient
from frontdesk.models import File

with CustomerClient() as customer:
    upload = customer.upload_file(b"order,item\n17,chair\n", name="order.csv")
    chat_id = customer.start_chat(continuous=True).chat_id
    customer.send_event(chat_id=chat_id, event=File(upload.url))
