from frontdesk import CustomerClient

with CustomerClient() as customer:
    window = customer.get_dynamic_configuration(group_id=0).livechat
    assert window
    assert window.localization_version
    phrases = customer.get_localization(
        group_id=0, language="en", version=window.localization_version
    )
    print(phrases["Chat_now"])
