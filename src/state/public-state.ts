import type { Redactor } from '../events/redactor.ts';
import type { RecordedState } from './store.ts';

/** Returns a state as it is stored: without secrets in what Atlas and people said. */
export function publicState({ state, ...migration }: RecordedState, redactor: Redactor): RecordedState {
  const { known, observation, reportedStatuses, readiness, operator } = state;
  return {
    ...migration,
    state: {
      ...state,
      known: redactor.fields(known),
      ...(observation && { observation: redactor.fields(observation) }),
      ...(readiness?.stated && { readiness: { ...readiness, stated: redactor.fields(readiness.stated) } }),
      ...(operator && { operator: redactor.fields(operator) }),
      reportedStatuses: reportedStatuses.map((status) => redactor.text(status)),
    },
  };
}
