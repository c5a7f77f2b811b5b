// Formats numbers as the server does (crates/eagerly/src/watch/numbers.rs). Times are in milliseconds.

export const count = (number) => number.toLocaleString("en-US");

export const counted = (number, singular) => `${count(number)} ${singular}${number === 1 ? "" : "s"}`;

const long = (value, unit) => `${value >= 9.95 || Number.isInteger(value) ? count(Math.round(value)) : value.toFixed(1)} ${unit}`;

export function time(milliseconds) {
  const seconds = milliseconds / 1000;
  if (seconds >= 59.5 * 60) return long(seconds / 3600, "h");
  if (seconds >= 99.95) return long(seconds / 60, "min");
  const micros = milliseconds * 1000;
  const [value, unit] = micros >= 999500 ? [micros / 1e6, "s"] : micros >= 999.5 ? [micros / 1e3, "ms"] : [micros, "µs"];
  const digits = value >= 99.95 || Number.isInteger(value) ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${unit}`;
}
