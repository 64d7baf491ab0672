import type { Redactor } from '../events/redactor.ts';
import type { RecordedState } from './store.ts';

/** Returns a state as it is stored: without secrets in what Atlas said. */
export function publicState({ state, ...migration }: RecordedState, redactor: Redactor): RecordedState {
  const { known, observation, reportedStatuses } = state;
  return {
    ...migration,
    state: {
      ...state,
      known: redactor.fields(known),
      ...(observation && { observation: redactor.fields(observation) }),
      reportedStatuses: reportedStatuses.map((status) => redactor.text(status)),
    },
  };
}
