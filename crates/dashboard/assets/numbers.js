// Formats numbers as the server does (crates/eagerly/src/watch/numbers.rs). Times are in milliseconds.

export const count = (number) => number.toLocaleString("en-US");

export const counted = (number, singular) => `${count(number)} ${singular}${number === 1 ? "" : "s"}`;

export function time(milliseconds) {
  const micros = milliseconds * 1000;
  const [value, unit] = micros >= 999500 ? [micros / 1e6, "s"] : micros >= 999.5 ? [micros / 1e3, "ms"] : [micros, "µs"];
  const digits = value >= 99.95 || Number.isInteger(value) ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${unit}`;
}
