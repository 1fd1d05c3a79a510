"""The sandbox's console in Chromium: how soon it is seen, and a thousand happenings a second.

A sandbox in a process of its own gets calls at a steady rate; each causes pushes as well. The page
is asked how many happenings it has counted, and how long its longest frame and its longest task
were. The figures are those of a machine on which the browser, the sandbox and the callers share the
cores.
"""

import asyncio
import json
import statistics
import time
import urllib.request

from tools import site_check

from benchmarks._measure import table
from benchmarks._processes import sandbox
from frontdesk import AsyncAgentClient
from frontdesk.models import Message

TOKEN = "dal:sandbox-owner"
OPENED = 9
RATE = 1000
"""Happenings a second that are asked for."""
LOOKS = 50
"""Times a second that the callers look at the clock."""

WATCH = """(() => {
    window.frames = [];
    window.tasks = [];
    new PerformanceObserver((list) => window.tasks.push(...list.getEntries()
        .map((entry) => entry.duration))).observe({entryTypes: ['longtask']});
    let before = performance.now();
    const frame = (now) => {
        window.frames.push(now - before);
        before = now;
        requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
})()"""
COUNT = "Number(document.getElementById('count').textContent.replace(/,/g, ''))"
PAINTS = """Object.fromEntries(performance.getEntriesByType('paint')
    .map((entry) => [entry.name, entry.startTime]))"""


def run(seconds: float = 20) -> str:
    path = site_check.chromium()
    if path is None:
        return "The console needs Chromium, which is not on this machine\n"
    with sandbox() as (port, _), site_check.browser(path) as tab:
        url = f"http://127.0.0.1:{port}"
        tab.resize(1280)
        paints = [_opened(tab, url) for _ in range(OPENED)]
        memory_before = _memory(tab)
        tab.evaluate(WATCH)
        tab.call("Performance.enable", timeDomain="threadTicks")
        cpu_before = _cpu(tab)
        before = _happenings(url)
        started = time.monotonic()
        asyncio.run(_call(url, seconds))
        passed = time.monotonic() - started
        happened = _happenings(url)
        late = _caught_up(tab, happened)
        cpu = (_cpu(tab) - cpu_before) / passed
        counted = tab.evaluate(COUNT)
        frames = sorted(tab.evaluate("window.frames"))
        tasks = tab.evaluate("window.tasks")
        memory = _memory(tab)
    rows = [
        ("first paint, median", f"{statistics.median(paints):.0f} ms", "under 300 ms"),
        ("first paint, longest", f"{max(paints):.0f} ms", ""),
        ("happenings a second", f"{(happened - before) / passed:.0f}", f"{RATE}"),
        ("happenings lost", f"{happened - counted:.0f} of {happened - before}", "none"),
        ("behind at the end", f"{late * 1000:.0f} ms", ""),
        ("CPU of the page's thread", f"{cpu:.0%} of a core", ""),
        ("frames, median", f"{statistics.median(frames):.0f} ms", ""),
        ("frames, 99 % within", f"{frames[int(len(frames) * 0.99)]:.0f} ms", ""),
        ("longest frame", f"{frames[-1]:.0f} ms", ""),
        ("tasks over 50 ms", f"{len(tasks)}, longest {max(tasks, default=0):.0f} ms", ""),
        ("memory of scripts", f"{memory_before:.0f} MB, then {memory:.0f} MB", ""),
    ]
    return table(f"The console, {seconds:g} s", [("", "measured", "target"), *rows])


def _opened(tab: site_check.Browser, url: str) -> float:
    tab.call("Network.clearBrowserCache")
    tab.open(f"{url}/__sandbox__/console")
    while tab.evaluate("document.getElementById('connection').textContent") != "Live":
        tab.evaluate(site_check.SETTLED)
    return float(tab.evaluate(PAINTS)["first-contentful-paint"])


async def _call(url: str, seconds: float) -> None:
    """Have messages written so often that calls and pushes make the rate together."""
    async with AsyncAgentClient(TOKEN, base_url=url, retry=None) as client:
        chat_id = (await client.start_chat()).chat_id
        message = Message("Hello there, how can I help you today?")
        start, sent = time.monotonic(), 0
        running: set[asyncio.Task[object]] = set()
        while (passed := time.monotonic() - start) < seconds:
            # A message is a call and a push.
            while sent < passed * RATE / 2 and len(running) < 200:
                task = asyncio.ensure_future(client.send_event(chat_id=chat_id, event=message))
                running.add(task)
                task.add_done_callback(running.discard)
                sent += 1
            await asyncio.sleep(1 / LOOKS)
        await asyncio.gather(*running)


def _happenings(url: str) -> int:
    """Return how many there were, as the stream says it."""
    with urllib.request.urlopen(f"{url}/__sandbox__/events", timeout=20) as response:
        for line in response:
            if line.startswith(b"data: "):
                return int(json.loads(line[6:])["last"])
    raise RuntimeError("the stream of events ended")


def _caught_up(tab: site_check.Browser, happened: int) -> float:
    """Wait until the page has counted them all; return the seconds."""
    start = time.monotonic()
    while tab.evaluate(COUNT) < happened and time.monotonic() - start < 30:
        tab.evaluate(site_check.SETTLED)
    return time.monotonic() - start


def _cpu(tab: site_check.Browser) -> float:
    """Return the seconds that the page's thread has worked, whatever else the machine did."""
    metrics = tab.call("Performance.getMetrics")["metrics"]
    return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))


def _memory(tab: site_check.Browser) -> float:
    tab.call("HeapProfiler.collectGarbage")
    return float(tab.call("Runtime.getHeapUsage")["usedSize"]) / 2**20
