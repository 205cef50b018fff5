"use strict";
// Draws the figures, sorts and filters the table, and switches between light and dark. Texts of runs are only ever
// compared or given to plotly, never made into elements.
(() => {
  const $ = (one, root = document) => root.querySelector(one);
  const $$ = (many, root = document) => [...root.querySelectorAll(many)];
  const root = document.documentElement;
  const night = matchMedia("(prefers-color-scheme: dark)");
  const theme = () => root.dataset.theme || (night.matches ? "dark" : "light");
  const config = {
    displaylogo: false, showSendToCloud: false, plotlyServerURL: "", responsive: true, showTips: false,
    modeBarButtonsToRemove: ["select2d", "lasso2d", "autoScale2d", "zoomIn2d", "zoomOut2d", "pan2d", "zoom2d"],
  };
  const drawn = new Set();
  let figures = {}, themes = null;

  // Colours: names in figures, filled in for the theme that holds.
  const mixed = (steps, at) => {
    const place = at * (steps.length - 1), low = Math.min(Math.floor(place), steps.length - 2);
    const part = (hex, i) => parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);
    const one = (i) => Math.round(part(steps[low], i) + (place - low) * (part(steps[low + 1], i) - part(steps[low], i)));
    return `rgb(${one(0)},${one(1)},${one(2)})`;
  };
  const clear = (colour, share) => {
    const parts = colour[0] === "#"
      ? [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16)) : colour.match(/\d+/g).slice(0, 3);
    return `rgba(${parts.join(",")},${share})`;
  };
  const colour = (name, now) => {
    if (Array.isArray(name)) return name.map((one) => colour(one, now));
    if (typeof name !== "string") return name;
    const [kind, ...rest] = name.split(":");
    if (kind === "shade") return clear(colour(rest.join(":"), now), now.shade);
    if (kind === "distinct") return now.distinct[rest[0] % now.distinct.length];
    if (kind === "step") {
      const [place, count] = rest[0].split("/").map(Number);
      return mixed(now.steps, count > 1 ? place / (count - 1) : 0.4);
    }
    return kind === "scale" ? now.scale : now.colours[name] || name;
  };
  const COLOURS = new Set(["color", "fillcolor", "bgcolor", "colorscale"]);
  const painted = (value, now) => {
    if (Array.isArray(value)) return value.map((one) => (one && typeof one === "object" ? painted(one, now) : one));
    const copy = {};
    for (const [key, one] of Object.entries(value)) {
      copy[key] = COLOURS.has(key) ? colour(one, now) : one && typeof one === "object" ? painted(one, now) : one;
    }
    return copy;
  };

  // Figures
  let face = "mean", wanted = null, chosen = null;
  const hidden = new Set();
  const look = (trace) => {
    if (trace.type === "heatmap") return {...trace, ...trace.meta[face]};
    if (trace.meta === undefined) return trace;
    const away = (wanted && !wanted.has(trace.meta)) || hidden.has(trace.meta);
    const faint = chosen && chosen !== trace.meta;
    return {...trace, visible: !away, opacity: faint ? 0.08 : trace.opacity ?? 1};
  };
  const draw = (place, dress = theme()) => {
    const {data, layout} = figures[place.dataset.figure], now = themes[dress];
    const shape = painted(layout, now);
    shape.template = now.template;
    shape.dragmode = matchMedia("(pointer: coarse)").matches ? false : "zoom";
    Plotly.react(place, data.map((trace) => painted(look(trace), now)), shape, config);
    drawn.add(place);
  };
  const redraw = (dress) => { for (const place of drawn) draw(place, dress); };
  const redrawCurves = () => {
    for (const place of drawn) if (/^(curve|parallel)/.test(place.dataset.figure)) draw(place);
  };
  const chips = () => {
    for (const chip of $$("[data-colour]")) chip.style.background = colour(chip.dataset.colour, themes[theme()]);
  };
  const drawAll = async () => {
    for (const place of $$("[data-figure]")) {
      if (!(place.dataset.figure in figures)) continue;
      try {
        draw(place);
      } catch (error) {
        console.error(error);
        place.textContent = "This figure cannot be drawn.";
      }
      await new Promise((done) => setTimeout(done));
    }
    root.dataset.ready = "yes";
  };

  // The figures are packed inside the page; plotly is too, or stands beside it.
  const unpacked = async (place) => {
    const bytes = Uint8Array.from(atob(place.textContent), (letter) => letter.charCodeAt(0));
    return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
  };
  const load = async () => {
    ({figures, themes} = JSON.parse(await unpacked($("#figures"))));
    chips();
    const pack = $("#plotly");
    if (pack) {
      const script = document.createElement("script");
      script.nonce = $("#report-script").nonce;
      script.textContent = await unpacked(pack);
      document.head.append(script);
      pack.remove();
    }
    if (!window.Plotly) throw new Error("the drawing code is not there");
  };
  const sorry = () => {
    for (const place of $$("[data-figure]")) {
      place.style.minHeight = "0";
      place.textContent = $("#plotly") || !$("script[src]")
        ? "This browser cannot unpack the figures; a newer one can." : "The file with the drawing code is not beside this page.";
    }
  };

  // The table
  const table = $("#settings"), body = table.tBodies[0];
  const key = (row, column) => {
    const cell = row.cells[column], value = cell.dataset.value;
    if (value === undefined) return cell.textContent;
    return value === "" ? null : Number(value);
  };
  const before = (a, b) => {
    if (a === null || b === null) return (a === null) - (b === null);
    if (typeof a === typeof b) return typeof a === "number" ? a - b : a.localeCompare(b);
    return typeof a === "number" ? -1 : 1;
  };
  const sort = (heading, column) => {
    const down = heading.getAttribute("aria-sort") === "ascending";
    for (const other of $$("th", table)) other.removeAttribute("aria-sort");
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const rows = [...body.rows].map((row) => [key(row, column), row]);
    const none = (value) => value === null;
    rows.sort(([a], [b]) => (down && !none(a) && !none(b) ? before(b, a) : before(a, b)));
    body.append(...rows.map(([, row]) => row));
  };
  $$("th", table).forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => sort(heading, column));
  });
  if (table.rows[0]) table.rows[0].cells[0].setAttribute("aria-sort", "ascending");

  const choose = (row) => {
    const again = chosen === row.dataset.setting;
    chosen = again ? null : row.dataset.setting;
    for (const other of body.rows) other.setAttribute("aria-current", String(!again && other === row));
    redrawCurves();
  };
  // One stop of the tabulator for all rows; arrows go from row to row.
  for (const row of body.rows) {
    row.tabIndex = row === body.rows[0] ? 0 : -1;
    row.addEventListener("focus", () => { for (const other of body.rows) other.tabIndex = other === row ? 0 : -1; });
    row.addEventListener("click", () => choose(row));
    row.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(row); }
      const way = {ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling"}[event.key];
      let next = way && row[way];
      while (next && next.hidden) next = next[way];
      if (next) { event.preventDefault(); next.focus(); }
    });
  }

  const box = $("#filter"), shown = $("#shown");
  const filter = () => {
    const words = box.value.toLowerCase().split(/\s+/).filter(Boolean), kept = new Set();
    for (const row of body.rows) {
      const said = ` ${row.dataset.said.toLowerCase()} `;
      // A whole pair is one value: lr=0.001 is not lr=0.0012.
      row.hidden = !words.every((word) => (/=[^<>]/.test(word) ? said.includes(` ${word} `) : said.includes(word)));
      if (!row.hidden) kept.add(row.dataset.setting);
    }
    wanted = words.length ? kept : null;
    const open = [...body.rows].filter((row) => !row.hidden);
    if (open.length && !open.some((row) => row.tabIndex === 0)) open[0].tabIndex = 0;
    shown.textContent = words.length ? `${kept.size} of ${body.rows.length} settings; the curves follow` : "";
    redrawCurves();
  };
  let waiting = 0;
  box.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(filter, 150); });

  // Buttons
  for (const button of $$(".legend button")) {
    button.addEventListener("click", () => {
      const on = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(on));
      for (const one of button.dataset.settings.split(" ")) on ? hidden.delete(one) : hidden.add(one);
      redrawCurves();
    });
  }
  for (const button of $$("[data-face]")) {
    button.addEventListener("click", () => {
      face = button.dataset.face;
      for (const other of $$("[data-face]")) other.setAttribute("aria-pressed", String(other === button));
      for (const place of drawn) if (/^heat/.test(place.dataset.figure)) draw(place);
    });
  }
  for (const button of $$(".copy")) {
    button.addEventListener("click", async () => {
      const code = $("code", button.parentElement);
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "copied";
        setTimeout(() => { button.textContent = "copy"; }, 1500);
      } catch {
        getSelection().selectAllChildren(code);
      }
    });
  }
  const toggle = $("#theme");
  const dress = () => {
    toggle.textContent = theme() === "dark" ? "Light" : "Dark";
    if (themes) chips();
    redraw();
  };
  toggle.addEventListener("click", () => { root.dataset.theme = theme() === "dark" ? "light" : "dark"; dress(); });
  night.addEventListener("change", dress);
  addEventListener("beforeprint", () => redraw("light"));
  addEventListener("afterprint", () => redraw());

  for (const one of $$("#theme, .filter, .copy, .choice")) one.hidden = false;
  toggle.textContent = theme() === "dark" ? "Light" : "Dark";
  load().then(drawAll, sorry);
})();
