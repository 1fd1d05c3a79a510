"""Which method a call is for."""


def test_unknown_method_is_not_found_and_suggests_one(http):
    assert http.error("send_evnt") == (
        404,
        "not_found",
        "there is no method `send_evnt`; did you mean `send_event`?",
    )


def test_methods_of_rtm_only_are_told_apart(http):
    assert http.error("login") == (404, "not_found", "`login` exists over RTM only")
