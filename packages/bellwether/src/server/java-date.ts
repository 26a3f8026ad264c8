/** A moment as Java prints it in UTC: `Sun Nov 22 00:10:09 UTC 2026`. */
export function javaDate(wallMs: number): string {
  // `Sun, 22 Nov 2026 00:10:09 GMT`
  const [weekday, day, month, year, time] = new Date(wallMs).toUTCString().split(/,? /);
  return `${weekday} ${month} ${day} ${time} UTC ${year}`;
}
