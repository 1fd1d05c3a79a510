from frontdesk import ConfigurationClient, CustomerRTM
from frontdesk.pushes import IncomingGreeting

with ConfigurationClient() as configuration:
    configuration.create_greeting(
        type="normal",
        active=True,
        name="Help with a choice",
        group=1,
        rules=[
            {"condition": "and", "type": "url_current", "operator": "contains", "value": "/chairs"}
        ],
        rich_message={
            "template_id": "cards",
            "elements": [
                {
                    "title": "Can we help?",
                    "subtitle": "We know every chair.",
                    "buttons": [
                        {
                            "type": "message",
                            "text": "Yes, please",
                            "value": "I need help",
                            "postback_id": "help",
                        }
                    ],
                }
            ],
        },
    )

with CustomerRTM(group_id=1) as rtm, rtm.pushes(IncomingGreeting) as greetings:
    rtm.update_customer_page(url="https://shop.example.com/chairs")
    push = greetings.get(timeout=10)
    assert push
    rtm.send_greeting_button_clicked(greeting_unique_id=push.greeting.unique_id, button_id="help")
