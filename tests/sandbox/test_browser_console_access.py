"""The console for everybody: by keyboard alone, by what is read aloud, and with enough contrast."""

from typing import Any

import pytest
from tools import site_check

from frontdesk.errors import NotFound

from ._console import CARD, Console, Receiver, register

pytestmark = pytest.mark.skipif(
    site_check.chromium() is None, reason="needs Chromium, to use the console as a person does"
)

# Source: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio. What cannot be used at the moment is
# exempt there, the edge of a field needs 3:1, and what is pressed 24 pixels.
UNREADABLE = """
(() => {
  const parse = (text) => {
    const parts = text.match(/[\\d.]+/g).map(Number);
    if (text.startsWith('color(srgb')) for (let i = 0; i < 3; i += 1) parts[i] *= 255;
    return [...parts.slice(0, 3), parts[3] ?? 1];
  };
  const over = (top, under) => [0, 1, 2].map(i => top[i] * top[3] + under[i] * (1 - top[3]));
  const light = (color) => color.slice(0, 3).map(value => value / 255)
    .map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4)
    .reduce((sum, value, i) => sum + value * [0.2126, 0.7152, 0.0722][i], 0);
  const ratio = (one, other) => {
    const [high, low] = [light(one), light(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };
  const up = (node) => node ? [...up(node.parentElement), node] : [];
  const ground = (node) => up(node).reduce((under, each) =>
    over(parse(getComputedStyle(each).backgroundColor), under), [255, 255, 255]);
  const opacity = (node) => up(node).reduce((all, each) =>
    all * Number(getComputedStyle(each).opacity), 1);
  const found = new Set();
  for (const node of document.querySelectorAll('body *')) {
    if (!node.checkVisibility({visibilityProperty: true}) || node.closest(':disabled')) continue;
    if (node.getBoundingClientRect().width < 2) continue;
    const style = getComputedStyle(node);
    const field = /^(INPUT|TEXTAREA|SELECT)$/.test(node.tagName);
    const own = [...node.childNodes].some(each => each.nodeType === 3 && each.data.trim());
    const name = node.tagName + ' ' + (node.id || node.className) + ' in '
      + node.parentElement.className;
    const check = (color, what, least) => {
      const top = parse(color);
      top[3] *= opacity(node);
      const under = ground(what === 'edge' ? node.parentElement : node);
      const got = ratio(over(top, under), under);
      if (got < least) found.add(`${what} of ${name}: ${got.toFixed(2)}`);
    };
    if (own || field) {
      check(style.color, 'text', 4.5);
      if (parseFloat(style.fontSize) < 12) found.add(`${name}: ${style.fontSize}`);
    }
    const target = node.closest('button, select, textarea, input, label:has([type=checkbox])');
    if (target === node && !/checkbox|radio|file/.test(node.type)
        && node.getBoundingClientRect().height < 24) found.add(`${name} is hard to hit`);
    if (node.placeholder) check(getComputedStyle(node, '::placeholder').color, 'hint', 4.5);
    if (field && !/checkbox|radio|file/.test(node.type)) check(style.borderTopColor, 'edge', 3);
  }
  return [...found];
})()
"""
# Where the focus is: what it is called, and whether one sees that it is there.
FOCUSED = """
(() => {
  const node = document.activeElement;
  window.reached.add(node);
  const box = node.getBoundingClientRect();
  return {
    seen: node.checkVisibility({visibilityProperty: true}) && box.width > 1 && box.bottom > 0
      && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    marked: node.matches(':focus-visible') && getComputedStyle(node).outlineStyle !== 'none'
      && parseFloat(getComputedStyle(node).outlineWidth) >= 2,
    name: node.outerHTML.slice(0, 120),
  };
})()
"""
LEFT = """
[...document.querySelectorAll('a[href], button, input, select, textarea, [tabindex]')].filter(
  (node) => node.tabIndex >= 0 && !node.disabled && !window.reached.has(node)
    && node.checkVisibility({visibilityProperty: true})
).map((node) => node.outerHTML.slice(0, 120))
"""
ROLES = {"button", "checkbox", "combobox", "link", "listbox", "option", "radio", "searchbox"}
ROLES |= {"spinbutton", "tab", "tabpanel", "tablist", "textbox", "dialog", "log", "list"}


def unnamed(console: Console) -> list[Any]:
    """What a screen reader could only call by its kind."""
    nodes = console.tab.call("Accessibility.getFullAXTree")["nodes"]
    return [
        node["role"]["value"]
        for node in nodes
        if not node["ignored"]
        and node["role"]["value"] in ROLES - {"list"}
        and not node.get("name", {}).get("value", "").strip()
    ]


def check(console: Console, where: str) -> None:
    for scheme in ("light", "dark"):
        console.tab.darken(scheme)
        console.see(site_check.SETTLED)
        assert (where, scheme, console.see(UNREADABLE)) == (where, scheme, [])
    console.tab.darken("light")
    assert (where, unnamed(console)) == (where, [])


def test_all_can_be_read_and_has_a_name(console: Console) -> None:
    check(console, "at first")
    with Receiver(500) as program:
        register(console.sandbox, f"{program.url}/hook")
        console.be_customer("Ann", skip_form=False)
        check(console, "a form")
        console.click(".survey .quiet")
        console.write("Hello")
        console.until_text("With ", ".window .state")
        console.write("Is anybody there?")
        console.until_text("The receiver failed with 500", "#why .bad")
        client = console.sandbox.client()
        chat_id = console.chat_id
        client.send_event(chat_id=chat_id, event=CARD)
        client.send_event(
            chat_id=chat_id, event={"type": "message", "text": "Note", "visibility": "agents"}
        )
        with pytest.raises(NotFound):
            client.get_chat(chat_id="nowhere")
        console.until_text("The last get_chat of", "#why .bad")
        check(console, "what is wrong")
        console.click(".row.webhook:has(.tag.bad)")
        check(console, "a webhook that failed")
        console.click("#pause")
        console.click("#tab-chats")
        check(console, "chats")
        console.click(f"#chats [data-chat='{chat_id}']")
        console.until_text("Note", "#chats .internal")
        check(console, "a transcript")
        console.click("#tab-agents")
        check(console, "agents")
        console.click("#tab-controls")
        console.click("#fault-form button")
        console.until("!document.getElementById('faulty').hidden")
        check(console, "controls")
        console.click("#controls .danger")
        check(console, "a dialog")
        console.press("Escape")
        console.tab.resize(390)
        for panel in ("customers", "happenings", "why", "desk"):
            console.click(f"nav [data-panel={panel}]")
            check(console, f"{panel} on a phone")
        console.tab.resize(1280)
        console.sandbox.reset()
        console.until("document.querySelector('.window .missing')")
        check(console, "after a reset")


@pytest.mark.parametrize("width", sorted(site_check.WIDTHS))
def test_the_tab_key_reaches_all_and_shows_where_it_is(console: Console, width: int) -> None:
    console.open(width)
    for panel in ("customers", "happenings", "why", "desk"):
        if width < 821:
            console.see(f"document.querySelector('nav [data-panel={panel}]').click()")
        console.see("window.reached = new Set(); document.activeElement.blur()")
        # A part that scrolls takes the focus too, and at the end of the page it leaves it once.
        for _ in range(2 * len(console.see(LEFT)) + 3):
            console.press("Tab")
            focused = console.see(FOCUSED)
            if not focused["name"].startswith(("<body", "<html")):
                assert focused["seen"], focused
                assert focused["marked"], focused
            if not console.see(LEFT):
                break
        assert console.see(LEFT) == []


def focused(console: Console, script: str) -> None:
    console.until(f"(document.activeElement !== document.body) && ({script})")


def test_the_focus_stays_where_somebody_works(console: Console) -> None:
    here = "document.activeElement"
    # The status of an agent, while the sandbox goes on.
    console.click("#tab-agents")
    status = "#agents select[aria-label='Status of Agent Smith']"
    console.focus(status)
    console.press("ArrowDown")
    console.until_text("Agent Smith: not accepting", ".toast")
    console.until(
        "document.querySelector('[data-agent^=smith] .light').dataset.status.startsWith('not')"
    )
    focused(console, f"{here}.ariaLabel === 'Status of Agent Smith'")
    # Faults are switched off, and the button for it goes.
    console.click("#tab-controls")
    console.click("#fault-form button")
    console.until("document.getElementById('clear-faults')")
    console.focus("#clear-faults")
    console.press("Enter", "\r")
    console.until("!document.getElementById('clear-faults')")
    focused(console, f"{here}.name === 'kind'")
    # A form that is skipped, a greeting and the button that ends a chat go too.
    console.be_customer("Ann", skip_form=False)
    console.focus(".survey .quiet")
    console.press("Enter", "\r")
    focused(console, f"{here}.name === 'message'")
    console.write("Hello")
    console.until_text("With ", ".window .state")
    console.focus('[aria-label="End the chat as the customer"]')
    console.press("Enter", "\r")
    console.until_text("The chat has ended", ".window .state")
    focused(console, f"{here}.name === 'message'")
    # What Why says changes beneath a button.
    console.click("#tab-why")
    console.focus("#why .ways button")
    console.sandbox.client().set_routing_status(
        agent_id="smith@example.com", status="accepting_chats"
    )
    console.write("Back again")
    console.until_text("With ", ".window .state")
    console.focus("#why .ways button")
    console.sandbox.advance(1)
    with Receiver() as program:
        register(console.sandbox, f"{program.url}/hook")
        console.until("!document.getElementById('why').innerText.includes('over RTM')")
        focused(console, f"document.getElementById('why').contains({here})")


def test_dialogs_close_with_escape_and_give_the_focus_back(console: Console) -> None:
    for opener in ("new-customer", "help"):
        console.focus(f"#{opener}")
        console.press("Enter", "\r")
        console.until("document.getElementById('dialog').open")
        assert console.see("document.getElementById('dialog').contains(document.activeElement)")
        console.press("Escape")
        console.until("!document.getElementById('dialog').open")
        assert console.see("document.activeElement.id") == opener


def test_the_way_past_the_customers_leads_into_the_list(console: Console) -> None:
    for width in site_check.WIDTHS:
        console.open(width)
        console.focus(".skip")
        console.press("Enter", "\r")
        console.until("document.activeElement.id === 'list'")
        assert console.see("document.getElementById('list').checkVisibility()")


def test_it_fits_a_screen_of_320_pixels(console: Console) -> None:
    # As wide as a page of 1280 pixels that is magnified four times.
    console.open(390)
    console.tab.call(
        "Emulation.setDeviceMetricsOverride",
        width=320,
        height=640,
        deviceScaleFactor=1,
        mobile=False,
    )
    console.see(site_check.SETTLED)
    console.be_customer("Ann")
    console.write("Hello")
    console.until("!document.getElementById('ask-why').hidden")
    for panel in ("customers", "happenings", "why", "desk"):
        console.click(f"nav [data-panel={panel}]")
        assert console.see(site_check.TOO_WIDE % 320) == []
