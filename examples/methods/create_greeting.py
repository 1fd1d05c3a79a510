from frontdesk import ConfigurationClient

with ConfigurationClient() as configuration:
    created = configuration.create_greeting(
        type="normal",
        active=True,
        name="Help with a choice",
        group=2,
        rules=[
            {
                "condition": "and",
                "type": "url_current",
                "operator": "contains",
                "value": "/shop/",
            }
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
    print(created.id)
