from frontdesk import CustomerRTM
from frontdesk.pushes import IncomingGreeting

with CustomerRTM(group_id=1) as rtm, rtm.pushes(IncomingGreeting) as greetings:
    # A greeting of the group is for pages like this one.
    rtm.update_customer_page(url="https://shop.example.com/returns")
    push = greetings.get(timeout=10)
    assert push
    shown = push.greeting
    rtm.accept_greeting(greeting_id=shown.id, unique_id=shown.unique_id)
