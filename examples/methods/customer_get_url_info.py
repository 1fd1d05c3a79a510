from frontdesk import CustomerClient

with CustomerClient() as customer:
    link = customer.get_url_info(url="https://shop.example.com/chairs")
    print(link.title, link.image_url)
