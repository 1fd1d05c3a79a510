"""The control that stands for the link in an e-mail."""

from frontdesk.actions.customer import RequestEmailVerification

from ..._website import visitor


def test_a_verified_address_needs_no_further_request(desk):
    ann = visitor(desk, customer={"email": "ann@example.com"})
    from frontdesk.sandbox.control import customer_acts

    ask = RequestEmailVerification(callback_uri="https://shop.example/")
    ann.call(ask)
    desk.unit(customer_acts.verify_email, ann.id)
    ann.call(ask)
    assert ann.record.profile.email_verified is True
    assert ann.record.email_requests == []
