"""Control over HTTP, at ``/__sandbox__/…``: all that ``Sandbox`` can do, for any language.

========================== ============================================================
``GET  /``                 what this sandbox is: address, seed, time, tokens
``POST reset``             ``{seed?, random_seed?}``: begin anew
``POST seed``              ``{seed, random_seed?}``: begin anew with something else
``GET  clock``             the time
``POST clock``             ``{advance}`` seconds, or ``{to}`` a time
``GET  customers``         the customers
``POST customers``         ``{name?, email?, …}``: a new one
``POST customers/ID/…``    speak as one: ``start_chat``, ``send_event``, ``say``, ``rate``,
                           ``leave``, ``visit_page``
``POST events/ID/delete``  delete an event, as agents do in LiveChat's own application
``POST threads/ID/…``      ``restrict``: keep its events from everybody, as plans do
``GET  console``           a page to be a customer in, and to see everything that happens
``GET  events``            what happens, as it happens: Server-Sent Events, see
                           ``serve.event_stream``
``GET  faults``            what is to go wrong; ``POST`` adds a fault, ``DELETE`` takes back all
``GET  limits``            the rate limits; ``POST`` sets one, ``DELETE`` takes back all
``GET  calls``             the latest calls (``?action=…``); ``DELETE`` forgets them
``GET  webhooks``          who is registered, and how many webhooks wait and were sent
``GET  deliveries``        the webhooks with their attempts (``?state=waiting``, ``delivered``,
                           ``dead``); ``DELETE`` forgets them, those that wait too
``GET  rtm``               the RTM connections; ``POST rtm/…`` breaks them, see ``control.rtm``
``POST tokens``            ``{agent_id, …}``: a new token; ``POST tokens/…`` ends one
``GET  snapshot``          the whole world as bytes, for ``POST restore``
========================== ============================================================

Each resource has a module; ``dispatch.py`` has the table of them.
"""
