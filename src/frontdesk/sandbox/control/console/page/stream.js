// The stream of what happens: connected as long as the page is open, again after the sandbox was away.

const LONGEST_WAIT = 4000;
const SILENCE = 12000;

/**
 * Read the stream.
 *
 * `on` has: happenings(list), state(overview), clock(timestamp), connected(what it missed), away(since).
 */
export class Stream {
  constructor(on) {
    this.on = on;
    this.place = "";
    this.process = "";
    this.calls = 0;
    this.wait = 250;
    this.away = null;
    this.source = null;
    this.timer = 0;
    this.quiet = 0;
    addEventListener("online", () => this.open());
    this.open();
  }

  open() {
    clearTimeout(this.timer);
    this.source?.close();
    const source = new EventSource(`/__sandbox__/events${this.place ? `?after=${encodeURIComponent(this.place)}` : ""}`);
    this.source = source;
    const listen = (name, handle) => source.addEventListener(name, (event) => {
      this.heard();
      handle(JSON.parse(event.data), event.lastEventId);
    });
    listen("hello", (hello) => this.greet(hello));
    listen("happenings", (happenings, place) => {
      this.place = place;
      this.on.happenings(happenings);
    });
    listen("lost", (lost) => this.on.lost(lost));
    listen("state", (state) => this.on.state(state));
    listen("clock", (clock) => this.on.clock(clock.now));
    source.onerror = () => this.broken();
    this.heard();
  }

  heard() {
    clearTimeout(this.quiet);
    this.quiet = setTimeout(() => this.broken(), SILENCE);
  }

  greet(hello) {
    const first = this.process === "";
    const restarted = !first && hello.process !== this.process;
    const missed = {
      first,
      restarted,
      away: this.away,
      lost: hello.lost,
      happenings: first || hello.lost === null ? null : hello.last - Number(this.place.split("-")[1] || 0),
      calls: restarted ? hello.calls : hello.calls - this.calls,
    };
    if (!this.place.startsWith(`${hello.epoch}-`)) this.place = "";
    this.process = hello.process;
    this.calls = hello.calls;
    this.away = null;
    this.wait = 250;
    this.on.clock(hello.now);
    this.on.connected(missed);
  }

  broken() {
    clearTimeout(this.quiet);
    this.source?.close();
    if (this.away === null) {
      this.away = Date.now();
      this.on.away(this.away);
    }
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.open(), this.wait);
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
  }
}
