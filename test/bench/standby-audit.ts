import type { TrialDatabase } from './standby-database.ts';

/** A lease that was taken, as the database itself has seen it. */
interface Taken {
  readonly epoch: number;
  /** The run of a watcher that took it. */
  readonly run: string;
  /** In ms since 1970. */
  readonly at: number;
}

export interface Audit {
  readonly taken: readonly Taken[];
  /** Rows that were written by another run than that which took the lease last. */
  readonly foreignWrites: readonly string[];
  readonly commits: number;
}

const schema = `
  CREATE SCHEMA trial;
  CREATE TABLE trial.taken (epoch bigint, run text, at timestamptz);
  CREATE TABLE trial.foreign_write (relation text, run text, holder text, at timestamptz);
  CREATE SEQUENCE trial.commits;
  CREATE FUNCTION trial.on_write() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    DECLARE
      writer text := current_setting('application_name');
      holder text := (SELECT run FROM trial.taken ORDER BY epoch DESC LIMIT 1);
    BEGIN
      IF holder IS DISTINCT FROM writer THEN
        INSERT INTO trial.foreign_write VALUES (TG_TABLE_NAME, writer, holder, clock_timestamp());
      END IF;
      RETURN NULL;
    END $$;
  CREATE FUNCTION trial.on_watcher() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
      IF NEW.epoch <> OLD.epoch THEN
        INSERT INTO trial.taken VALUES (NEW.epoch, current_setting('application_name'), clock_timestamp());
      END IF;
      IF NEW.revision <> OLD.revision THEN PERFORM nextval('trial.commits'); END IF;
      RETURN NULL;
    END $$;`;

/** Whatever only the holder may write. */
const ofHolder = ['migration', 'lag_sample', 'event', 'outage', 'cursor'];

/** Lets the database note who takes the lease, and who writes without it. The tables of the watcher must be there. */
export async function installAudit({ query }: TrialDatabase): Promise<void> {
  await query(schema);
  for (const relation of ['watcher', ...ofHolder]) {
    const what = relation === 'watcher' ? 'AFTER UPDATE' : 'AFTER INSERT OR UPDATE OR DELETE';
    const call = relation === 'watcher' ? 'trial.on_watcher()' : 'trial.on_write()';
    await query(
      `CREATE TRIGGER trial ${what} ON cutover_watch.${relation} FOR EACH ROW EXECUTE FUNCTION ${call}`,
    );
  }
}

export async function readAudit({ query }: TrialDatabase): Promise<Audit> {
  const taken = await query(
    'SELECT epoch::int AS epoch, run, (extract(epoch FROM at) * 1000)::float AS at FROM trial.taken ORDER BY epoch',
  );
  const foreign = await query(
    'SELECT relation, run, holder, count(*)::int AS rows FROM trial.foreign_write GROUP BY 1, 2, 3',
  );
  const [commits] = await query('SELECT last_value::int AS commits FROM trial.commits');
  return {
    taken: taken.map(({ epoch, run, at }) => ({ epoch: Number(epoch), run: String(run), at: Number(at) })),
    foreignWrites: foreign.map(
      ({ relation, run, holder, rows }) =>
        `${String(rows)} rows of ${String(relation)} by ${String(run)} while ${String(holder)} held the lease`,
    ),
    commits: Number(commits?.commits),
  };
}
