from frontdesk import CustomerClient

with CustomerClient() as customer:
    groups = customer.list_group_statuses(all=True).groups_status
    # `online_for_queue`: a chat would have to wait.
    print([group for group, status in groups.items() if status != "offline"])
