from frontdesk import CustomerClient

with CustomerClient() as customer:
    window = customer.get_dynamic_configuration(group_id=0).livechat
    assert window
    assert window.config_version
    configuration = customer.get_configuration(group_id=0, version=window.config_version)
    for button in configuration.buttons or ():
        print(button.type, button.online_value, button.offline_value)
