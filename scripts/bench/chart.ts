/** Line charts as SVG, readable on light and dark backgrounds. */

export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

export interface ChartOptions {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly lines: readonly Series[];
}

const WIDTH = 720;
const HEIGHT = 400;
const LEFT = 70;
const RIGHT = 20;
const TOP = 48;
const BOTTOM = 90;
/** Safe for colour-blind readers (Okabe and Ito). Series beyond these have squares. */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

/** Both axes are logarithmic; an x of 0 is drawn at the left end. */
export function chart({ title, x, y, lines }: ChartOptions): string {
  const points = lines.flatMap((line) => line.points);
  const across = axis(
    points.map(([value]) => value).filter((value) => value > 0),
    LEFT,
    WIDTH - RIGHT,
  );
  const up = axis(
    points.map(([, value]) => value),
    HEIGHT - BOTTOM,
    TOP,
  );
  const place = ([a, b]: readonly [number, number]): [number, number] => [across.place(a), up.place(b)];
  const at = (point: readonly [number, number]): string =>
    place(point)
      .map((value) => value.toFixed(1))
      .join(",");
  const hasZero = points.some(([value]) => value === 0);
  const grid = [
    ...across.ticks.map((tick, index) => {
      const label = index === 0 && hasZero ? "0" : short(tick);
      const place = across.place(tick).toFixed(1);
      return `<path d="M${place} ${TOP}V${HEIGHT - BOTTOM}"/><text x="${place}" y="${HEIGHT - BOTTOM + 18}" text-anchor="middle">${label}</text>`;
    }),
    ...up.ticks.map((tick) => {
      const place = up.place(tick);
      return `<path d="M${LEFT} ${place.toFixed(1)}H${WIDTH - RIGHT}"/><text x="${LEFT - 8}" y="${(place + 4).toFixed(1)}" text-anchor="end">${short(tick)}</text>`;
    }),
  ];
  const drawn = lines.map(({ name, points: own }, index) => {
    const colour = COLOURS[index % COLOURS.length];
    const column = LEFT + (index % 2) * 330;
    const row = HEIGHT - 34 + Math.floor(index / 2) * 16;
    const isSecond = index >= COLOURS.length;
    const dots = own.map((point) => mark(...place(point), isSecond)).join("");
    const dashes = isSecond ? ' stroke-dasharray="5 3"' : "";
    return `<g fill="${colour}" stroke="none">${dots}<polyline points="${own.map(at).join(" ")}" fill="none" stroke="${colour}" stroke-width="2"${dashes}/>${mark(column, row - 4, isSecond)}</g><text x="${column + 10}" y="${row}">${escaped(name)}</text>`;
  });
  const height = HEIGHT + Math.max(0, Math.ceil(lines.length / 2) - 2) * 16;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}" font-family="system-ui, sans-serif" font-size="12" fill="#777">
<g stroke="#7775" fill="none">${grid.map((part) => part.replace("<text", '</g><g stroke="none"><text').replace("</text>", '</text></g><g stroke="#7775" fill="none">')).join("")}</g>
<text x="${LEFT}" y="24" font-size="15" font-weight="600">${escaped(title)}</text>
<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - BOTTOM + 36}" text-anchor="middle">${escaped(x)}</text>
<text x="16" y="${TOP - 8}">${escaped(y)}</text>
${drawn.join("\n")}
</svg>
`;
}

function mark(x: number, y: number, isSquare: boolean): string {
  if (!isSquare) return `<circle cx="${x.toFixed(1)}" cy="${y.toFixed(1)}" r="3.5"/>`;
  return `<rect x="${(x - 3.5).toFixed(1)}" y="${(y - 3.5).toFixed(1)}" width="7" height="7"/>`;
}

interface Axis {
  readonly ticks: readonly number[];
  place(value: number): number;
}

/** Powers of ten that enclose the values. */
function axis(values: readonly number[], from: number, to: number): Axis {
  const lowest = Math.floor(Math.log10(Math.min(...values, 1e9)));
  const highest = Math.max(lowest + 1, Math.ceil(Math.log10(Math.max(...values, 1e-9))));
  const ticks = Array.from({ length: highest - lowest + 1 }, (_, index) => 10 ** (lowest + index));
  const place = (value: number): number => {
    const power = value <= 0 ? lowest : Math.log10(value);
    return from + ((power - lowest) / (highest - lowest)) * (to - from);
  };
  return { ticks, place };
}

function short(value: number): string {
  if (value >= 1e6) return `${value / 1e6}M`;
  return value >= 1e4 ? `${value / 1e3}k` : String(Number(value.toPrecision(2)));
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
