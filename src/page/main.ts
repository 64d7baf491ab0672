import { App } from './app.ts';
import { follow } from './connection.ts';

follow(new App());
