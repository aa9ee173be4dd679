// The plot of concurrency: seconds that came with the page, then those that the socket brings; one line a figure, on one time axis.
(() => {
  "use strict";
  const place = document.getElementById("plot");
  if (!place || !window.uPlot) return;
  const WINDOW = 120; // seconds
  const rows = new Map(); // second -> [at, arrivals, throttles, cold starts, errors, peak, injected]
  let limit = Number(place.dataset.limit), plot = null;
  const initial = document.getElementById("plot-series");
  for (const row of JSON.parse(initial?.textContent || "[]")) rows.set(row[0], row);

  const ink = (name) => {
    const probe = document.querySelector(`.plot-line[data-line="${name}"]`);
    return getComputedStyle(probe).color;
  };
  function columns() {
    const now = Math.max(...rows.keys(), Math.floor(Date.now() / 1000) - 1);
    for (const at of rows.keys()) if (at < now - WINDOW) rows.delete(at);
    const seconds = [...rows.keys()].sort((one, other) => one - other);
    seconds.pop(); // the last one is not over yet
    const figure = (index) => seconds.map((at) => rows.get(at)[index]);
    return [seconds, figure(5), seconds.map(() => limit), figure(1), figure(2), figure(3)];
  }
  // The limit belongs into the picture where it is near; far above, it would press all else to the ground.
  function top(data) {
    const most = Math.max(4, ...data[1], ...data[3], ...data[4], ...data[5]);
    return Math.ceil((limit <= most * 3 ? Math.max(most, limit) : most) * 1.1);
  }
  function draw() {
    plot?.destroy();
    const muted = ink("arrivals"), line = { stroke: muted, width: 0.5, dash: [2, 4] };
    const axis = { stroke: muted, grid: line, ticks: { show: false }, font: "12px system-ui, sans-serif" };
    const options = {
      width: place.clientWidth, height: place.clientHeight, legend: { show: false }, cursor: { drag: { x: false, y: false } },
      scales: { x: { range: () => { const now = Math.max(...rows.keys(), Math.floor(Date.now() / 1000) - 1); return [now - WINDOW, now]; } }, y: { range: (u) => [0, top(u.data)] } },
      axes: [{ ...axis, values: (u, ticks) => ticks.map((at) => new Date(at * 1000).toLocaleTimeString([], { hour12: false })), space: 90, size: 32 }, { ...axis, size: 44, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] }],
      series: [
        {},
        { label: "concurrent executions", stroke: ink("peak"), width: 3, points: { show: false }, paths: uPlot.paths.stepped({ align: 1 }) },
        { label: "limit", stroke: ink("limit"), width: 1.5, dash: [8, 5], points: { show: false } },
        { label: "arrivals", stroke: muted, width: 1.5, points: { show: false } },
        { label: "throttles", stroke: ink("throttles"), width: 2.5, dash: [2, 3], points: { show: false } },
        { label: "cold starts", stroke: ink("cold"), width: 1.5, points: { show: false } },
      ],
    };
    plot = new uPlot(options, columns(), place);
  }
  const again = () => rows.size && (plot ? plot.setData(columns()) : draw());

  document.addEventListener("playground:series", (event) => {
    for (const row of event.detail.rows) rows.set(row[0], row);
    limit = event.detail.limit;
    again();
  });
  new ResizeObserver(() => plot?.setSize({ width: place.clientWidth, height: place.clientHeight })).observe(place);
  new MutationObserver(draw).observe(document.documentElement, { attributeFilter: ["data-theme", "data-contrast"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  if (rows.size) draw();
})();
