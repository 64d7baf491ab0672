import { render } from 'preact';
import { App } from './app.tsx';
import { Clock, ClockContext } from './clock.ts';
import { follow } from './data/follow.ts';
import { sharedStream } from './data/shared-stream.ts';
import { readRoute } from './route.ts';
import { createRouter } from './router.ts';
import { initialState } from './state.ts';
import { Store } from './store.ts';

const store = new Store(initialState(readRoute(location.search)));
const clock = new Clock(() => store.state.clockAheadMs);
const router = createRouter(store);
const place = document.getElementById('page');
if (place === null) throw new Error('The document has no element with the id page.');

function draw(): void {
  render(
    <ClockContext value={clock}>
      <App state={store.state} onFilter={router.filter} />
    </ClockContext>,
    place as HTMLElement,
  );
}

// What the document says until then.
place.replaceChildren();
store.subscribe(draw);
clock.start();
draw();
follow(store, sharedStream(place.dataset.worker ?? ''));
