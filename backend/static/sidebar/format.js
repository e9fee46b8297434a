/** Numbers, days and moments as people read them. */

const NUMBERS = new Intl.NumberFormat("en-US");
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** 1702 → "1,702". */
export function number(value) {
  return NUMBERS.format(value);
}

/** 1, "calls" → "1 call"; 2, "calls" → "2 calls". */
export function counted(value, plural) {
  return `${number(value)} ${value === 1 ? plural.replace(/ies$/, "y").replace(/s$/, "") : plural}`;
}

/** An ISO moment as "24 Nov 2026, 14:32" in a time zone. */
export function exact(moment, zone) {
  const options = { dateStyle: "medium", timeStyle: "short", timeZone: zone };
  return new Intl.DateTimeFormat("en-GB", options).format(new Date(moment));
}

/** A start date as given (a day, or an instant) as "25 Oct 2026". */
export function day(since, zone) {
  if (since.length > 10) return exact(since, zone);
  const options = { dateStyle: "medium", timeZone: "UTC" };
  return new Intl.DateTimeFormat("en-GB", options).format(new Date(`${since}T00:00:00Z`));
}

/** An ISO moment as "2 min ago" or "in 3 h". now: milliseconds. */
export function relative(moment, now) {
  const difference = Date.parse(moment) - now;
  const size = Math.abs(difference);
  if (size < MINUTE) return difference <= 0 ? "just now" : "in a minute";
  const text = length(size);
  return difference < 0 ? `${text} ago` : `in ${text}`;
}

/**
 * Moments to come as "today 16:14, 17:14, tomorrow 08:14" in a time zone; a day is said once.
 * @param {string[]} moments ISO moments in their order.
 * @param {number} now Milliseconds.
 */
export function upcoming(moments, zone, now) {
  const days = { [today(now, zone)]: "today", [today(now + DAY, zone)]: "tomorrow" };
  const clock = new Intl.DateTimeFormat("en-GB", { timeStyle: "short", timeZone: zone });
  const options = { weekday: "short", day: "numeric", month: "short", timeZone: zone };
  const date = new Intl.DateTimeFormat("en-GB", options);
  let said = "";
  const parts = moments.map((moment) => {
    const time = new Date(moment);
    const on = today(time, zone);
    const isSaid = on === said;
    said = on;
    return isSaid ? clock.format(time) : `${days[on] ?? date.format(time)} ${clock.format(time)}`;
  });
  return parts.join(", ");
}

function length(size) {
  const minutes = Math.round(size / MINUTE);
  if (minutes < 60) return `${minutes} min`;
  if (size < 2 * DAY) return `${Math.round(size / HOUR)} h`;
  return `${Math.round(size / DAY)} days`;
}

/** Milliseconds as "8 s", "2 min" or "3 h". */
export function span(milliseconds) {
  const size = Math.max(0, milliseconds);
  return size < MINUTE ? `${Math.max(1, Math.round(size / 1000))} s` : length(size);
}

/** Milliseconds as "0:07" or "1:02:03". */
export function stopwatch(milliseconds) {
  const total = Math.max(0, Math.floor(milliseconds / 1000));
  const [hours, minutes] = [Math.floor(total / 3600), Math.floor(total / 60) % 60];
  const seconds = String(total % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${seconds}` : `${minutes}:${seconds}`;
}

/** Today as YYYY-MM-DD in a time zone. */
export function today(now, zone) {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(new Date(now));
}

/** A day as YYYY-MM-DD, so many days earlier. */
export function daysBefore(dayText, days) {
  return new Date(Date.parse(`${dayText}T00:00:00Z`) - days * DAY).toISOString().slice(0, 10);
}
