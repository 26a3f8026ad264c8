/** What a JSON value looks like: names of fields, and of types where there are no fields. */
export type Shape = string | readonly Shape[] | { readonly [field: string]: Shape };

/** Fields that are paths, sessions, moments or ids of servers: one stands for all. */
const KEY = /^(?:\/|\d)/;

/** Of a list, what its first element looks like. */
export function shapeOf(value: unknown): Shape {
  if (Array.isArray(value)) return value.length === 0 ? [] : [shapeOf(value[0])];
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
  const entries = Object.entries(value as Readonly<Record<string, unknown>>);
  const fields = new Map(entries.map(([name, each]) => [KEY.test(name) ? '*' : name, each]));
  const names = [...fields.keys()].sort();
  return Object.fromEntries(names.map((name) => [name, shapeOf(fields.get(name))]));
}

/** What was recorded of an Apache ZooKeeper 3.9.3: the shapes of its answers by command. */
export type RecordedShapes = Readonly<
  Record<'standalone' | 'leader', Readonly<Record<string, Shape>>>
>;

/**
 * The commands that are compared; those that are left out tell of Java, or are refused, and `monitor`
 * tells what `mntr` does.
 */
export const COMPARED: readonly string[] = [
  ...['configuration', 'connection_stat_reset', 'connections', 'dirs', 'dump', 'get_trace_mask'],
  ...['is_read_only', 'last_snapshot', 'leader', 'observer_connection_stat_reset', 'observers'],
  ...['ruok', 'server_stats', 'set_trace_mask?traceMask=306', 'set_trace_mask', 'stat_reset'],
  ...['stats', 'voting_view', 'watch_summary', 'watches', 'watches_by_path', 'zabstate'],
  ...['unheard_of', 'environment', 'hash', 'initial_configuration'],
];
