// A date by the letters of strftime, in English as Python's own locale has them.

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = 'January February March April May June July August September October November December'.split(
  ' ',
);

/** Letters that there are none of stay as they are. `%-d` is `%d` without its zero. */
export function dateText(format: string, date: Date): string {
  return format.replace(/%(-?)([a-zA-Z%])/g, (found, bare: string, letter: string) => {
    const text = Object.hasOwn(letters, letter) ? letters[letter]?.(date) : undefined;
    return text === undefined ? found : bare ? text.replace(/^0+(?=\d)/, '') : text;
  });
}

const two = (value: number, width = 2) => String(value).padStart(width, '0');
const dayOfYear = (date: Date) =>
  1 +
  Math.round(
    (Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) - Date.UTC(date.getFullYear(), 0, 1)) /
      86_400_000,
  );

const letters: Record<string, (date: Date) => string> = {
  a: date => (days[date.getDay()] as string).slice(0, 3),
  A: date => days[date.getDay()] as string,
  b: date => (months[date.getMonth()] as string).slice(0, 3),
  B: date => months[date.getMonth()] as string,
  c: date => dateText('%a %b %e %H:%M:%S %Y', date),
  d: date => two(date.getDate()),
  D: date => dateText('%m/%d/%y', date),
  e: date => String(date.getDate()).padStart(2),
  f: date => two(date.getMilliseconds() * 1000, 6),
  F: date => dateText('%Y-%m-%d', date),
  h: date => (months[date.getMonth()] as string).slice(0, 3),
  H: date => two(date.getHours()),
  I: date => two(date.getHours() % 12 || 12),
  j: date => two(dayOfYear(date), 3),
  m: date => two(date.getMonth() + 1),
  M: date => two(date.getMinutes()),
  n: () => '\n',
  p: date => (date.getHours() < 12 ? 'AM' : 'PM'),
  S: date => two(date.getSeconds()),
  t: () => '\t',
  T: date => dateText('%H:%M:%S', date),
  u: date => String(date.getDay() || 7),
  w: date => String(date.getDay()),
  x: date => dateText('%m/%d/%y', date),
  X: date => dateText('%H:%M:%S', date),
  y: date => two(date.getFullYear() % 100),
  Y: date => String(date.getFullYear()),
  z: () => '',
  Z: () => '',
  '%': () => '%',
};
