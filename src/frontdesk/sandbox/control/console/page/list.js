// A list that draws no more rows than can be seen, however many there are.

const SPARE = 6;

export class VirtualList {
  /** `draw(row, item)` fills a row, which is used again for other items. */
  constructor(box, rows, height, draw, onOpen) {
    this.box = box;
    this.rows = rows;
    this.height = height;
    this.draw = draw;
    this.onOpen = onOpen;
    this.items = [];
    this.selected = null;
    this.follows = true;
    this.pool = [];
    this.painted = 0;
    this.gone = 0;
    this.frame = 0;
    this.onFollow = () => {};
    this.onSelect = () => {};
    box.addEventListener("scroll", () => this.scrolled(), { passive: true });
    box.addEventListener("keydown", (event) => this.key(event));
    rows.addEventListener("click", (event) => {
      const row = event.target.closest(".row");
      if (row) this.open(this.items[Number(row.dataset.index)]);
    });
    new ResizeObserver(() => this.refresh()).observe(box);
  }

  /** Show these, of which so many are gone at the front; the list draws itself before the next frame. */
  show(items, gone = 0) {
    this.items = items;
    this.gone += gone;
    this.refresh();
  }

  refresh() {
    this.frame ||= requestAnimationFrame(() => this.paint());
  }

  paint() {
    this.frame = 0;
    this.painted = this.items.length;
    const { box, height, items } = this;
    const room = box.clientHeight;
    this.rows.style.height = `${items.length * height}px`;
    if (this.follows) box.scrollTop = items.length * height;
    const first = Math.max(0, Math.floor(box.scrollTop / height) - SPARE);
    const count = Math.min(items.length - first, Math.ceil(room / height) + 2 * SPARE);
    while (this.pool.length < count) {
      const row = document.createElement("div");
      row.className = "row";
      row.setAttribute("role", "option");
      this.rows.append(row);
      this.pool.push(row);
    }
    const { pool } = this;
    for (let place = 0; place < pool.length; place += 1) {
      const index = first + place;
      // An item keeps its row while others come and go: those that are drawn anew are few.
      const row = pool[(this.gone + index) % pool.length];
      const item = place < count ? items[index] : undefined;
      row.hidden = item === undefined;
      if (item === undefined) continue;
      if (row.item !== item) {
        this.draw(row, item);
        row.item = item;
        row.id = `row-${item.n}`;
      }
      row.style.transform = `translateY(${index * height}px)`;
      row.dataset.index = String(index);
      row.setAttribute("aria-posinset", String(index + 1));
      row.setAttribute("aria-setsize", String(items.length));
      row.setAttribute("aria-selected", String(item === this.selected));
    }
    if (this.selected) box.setAttribute("aria-activedescendant", `row-${this.selected.n}`);
    else box.removeAttribute("aria-activedescendant");
  }

  scrolled() {
    const { box } = this;
    // What has come since was not there to be scrolled to.
    const atEnd = box.scrollTop + box.clientHeight >= (this.painted - 1) * this.height;
    if (atEnd !== this.follows) {
      this.follows = atEnd;
      this.onFollow(atEnd);
    }
    this.refresh();
  }

  follow() {
    this.follows = true;
    this.onFollow(true);
    this.refresh();
  }

  select(item) {
    this.selected = item;
    this.onSelect(item);
    this.reveal();
  }

  /** Have the selected one be seen. */
  reveal() {
    const item = this.selected;
    const index = this.items.indexOf(item);
    if (index >= 0) {
      const top = index * this.height;
      const { box } = this;
      if (top < box.scrollTop) box.scrollTop = top;
      else {
        // The button that leads to the newest is above the last row.
        const bottom = top + 2.5 * this.height;
        if (bottom > box.scrollTop + box.clientHeight) box.scrollTop = bottom - box.clientHeight;
      }
    }
    this.refresh();
  }

  open(item) {
    if (!item) return;
    this.follows = false;
    this.onFollow(false);
    this.select(item);
    this.onOpen(item);
  }

  key(event) {
    const page = Math.max(1, Math.floor(this.box.clientHeight / this.height) - 1);
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      this.open(this.selected ?? this.items.at(-1));
      return;
    }
    if (!(event.key in steps) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    if (event.key === "End") this.follow();
    else if (this.follows) {
      this.follows = false;
      this.onFollow(false);
    }
    const at = this.selected ? this.items.indexOf(this.selected) : this.items.length;
    const next = Math.min(this.items.length - 1, Math.max(0, at + steps[event.key]));
    if (this.items[next]) this.select(this.items[next]);
  }
}
