import { render } from 'preact';
import { announce } from './alerts/announcer.ts';
import { App } from './app.tsx';
import { Clock, ClockContext } from './clock.ts';
import { follow } from './data/follow.ts';
import { reloadWhenReplaced } from './data/reload.ts';
import { sharedStream } from './data/shared-stream.ts';
import { readRoute } from './route.ts';
import { createRouter } from './router.ts';
import { readSetting, watchSetting, writeSetting } from './settings.ts';
import { initialState } from './state.ts';
import { Store } from './store.ts';

/** Name of the setting with the id of the latest event that was seen. */
const seenSetting = 'seen';

const store = new Store(initialState(readRoute(location.search), readSetting(seenSetting)));
const clock = new Clock(() => store.state.clockAheadMs);
const router = createRouter(store);
const place = document.getElementById('page');
if (place === null) throw new Error('The document has no element with the id page.');

function onSeen(eventId: string): void {
  writeSetting(seenSetting, eventId);
  store.dispatch({ type: 'seen', eventId });
}

function draw(): void {
  render(
    <ClockContext value={clock}>
      <App state={store.state} onFilter={router.filter} onSeen={onSeen} />
    </ClockContext>,
    place as HTMLElement,
  );
}

// What the document says until then.
place.replaceChildren();
watchSetting(seenSetting, (eventId) => store.dispatch({ type: 'seen', eventId }));
store.subscribe(draw);
clock.start();
draw();
reloadWhenReplaced(store);
announce(store, clock, router.open);
follow(store, sharedStream(place.dataset.worker ?? ''));
