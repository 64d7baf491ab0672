/** An incident as PagerDuty keeps it. */
export interface KeptIncident {
  readonly key: string;
  readonly summary: string;
  state: 'triggered' | 'acknowledged' | 'resolved';
  triggers: number;
}

interface PagerDutyEvent {
  readonly routing_key: string;
  readonly dedup_key: string;
  readonly event_action: string;
  readonly payload?: { readonly summary: string; readonly source: string; readonly severity: string };
}

/**
 * Keeps incidents as PagerDuty documents it ("Send an Alert Event", Alert De-Duplication): a trigger opens an incident or
 * is noted on the open one with its key; a resolved one stays as it is, and a trigger with its key opens another;
 * what acknowledges or resolves none that is open is dropped. Throws where an event breaks a documented limit.
 */
export class IncidentDesk {
  readonly incidents: KeptIncident[] = [];

  get open(): readonly KeptIncident[] {
    return this.incidents.filter(({ state }) => state !== 'resolved');
  }

  take(body: string): void {
    const event: PagerDutyEvent = JSON.parse(body);
    const { dedup_key: key, event_action: action, payload } = event;
    if (Buffer.byteLength(body) > 512 * 1024) throw new Error('larger than 512 KB');
    if (event.routing_key.length !== 32) throw new Error("Length of 'routing_key' is incorrect");
    if (key.length === 0 || key.length > 255) throw new Error("Length of 'dedup_key' is incorrect");
    const known = this.open.find((incident) => incident.key === key);
    switch (action) {
      case 'trigger': {
        const { summary = '', source = '', severity = '' } = payload ?? {};
        if (summary === '' || summary.length > 1_024 || source === '')
          throw new Error('payload is incomplete');
        if (!['critical', 'error', 'warning', 'info'].includes(severity)) throw new Error('unknown severity');
        if (known === undefined) this.incidents.push({ key, summary, state: 'triggered', triggers: 1 });
        else known.triggers += 1;
        return;
      }
      case 'acknowledge':
        if (known !== undefined) known.state = 'acknowledged';
        return;
      case 'resolve':
        if (known !== undefined) known.state = 'resolved';
        return;
      default:
        throw new Error(`unknown event_action ${action}`);
    }
  }
}
