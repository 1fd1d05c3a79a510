"""The RTM API of the sandbox: WebSocket connections that are logged in, and the pushes to them.

::

    bytes ── protocol.py ──▶ Endpoint.receive ──▶ World.call ──┐
             (WebSocket)      (log-in, rules)     (as over Web) │ one commit a turn of the loop
    bytes ◀─────────────── Endpoint ◀── delivery.py ◀───────────┘
                                        (who gets a push, and in which version)

``control.py`` is how tests and people break connections and send pushes; ``SandboxRTM`` is that in
Python.

Source: https://platform.text.com/docs/messaging/agent-chat-api/rtm-reference
"""
